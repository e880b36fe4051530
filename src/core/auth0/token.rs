//! The token endpoint: the body of the request, the token in the reply, and
//! what its errors mean.

use serde::Serialize;

use crate::auth0::reply::Head;
use crate::configuration::Configuration;
use crate::engine::access_token::AccessToken;
use crate::json::anomalies::Anomalies;
use crate::json::cell::Cell;
use crate::json::object::FromObject;

#[derive(Serialize)]
struct Grant<'a> {
    grant_type: &'static str,
    client_id: &'a str,
    client_secret: &'a str,
    audience: String,
}

/// The JSON body of the request.
pub fn body(configuration: &Configuration) -> Vec<u8> {
    let grant = Grant {
        grant_type: "client_credentials",
        client_id: &configuration.client_id,
        client_secret: configuration.client_secret.reveal(),
        audience: configuration.domain.audience(),
    };
    serde_json::to_vec(&grant).unwrap_or_default()
}

#[derive(Default)]
struct Granted<'a> {
    access_token: Cell<'a>,
    expires_in: Cell<'a>,
}

impl<'a> FromObject<'a> for Granted<'a> {
    fn set(&mut self, name: &str, value: Cell<'a>) {
        match name {
            "access_token" => self.access_token = value,
            "expires_in" => self.expires_in = value,
            _ => {}
        }
    }
}

/// How long a token is valid where the endpoint does not say, in milliseconds.
const DEFAULT_LIFE: u64 = 3_600_000;
/// A token is not used in the last minute of its life.
const MARGIN: u64 = 60_000;
/// A token is used for this long even if its life is shorter than the margin: a
/// token that is never used would be requested again at once, for ever. If it
/// expires earlier, Auth0 refuses it, and refusals are counted.
const LEAST_LIFE: u64 = 10_000;

/// A token and for how many milliseconds it may be used; `None` when the body
/// has none that can stand in a header.
pub fn read(body: &str) -> Option<(AccessToken, u64)> {
    let granted = Granted::read_text(body)?;
    let ignored = &mut Anomalies::default();
    let token = granted.access_token.text("access_token", ignored)?;
    let token = AccessToken::new(token.into_owned())?;
    let life = match granted.expires_in.number("expires_in", ignored) {
        Some(seconds) if seconds > 0.0 => (seconds.min(1e9) * 1000.0) as u64,
        _ => DEFAULT_LIFE,
    };
    Some((token, life.saturating_sub(MARGIN).max(LEAST_LIFE)))
}

/// What an error of the token endpoint means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenRefusal {
    /// Only another configuration can help.
    Credentials(String),
    /// Too many tokens, or too many requests.
    Limited,
    /// Auth0 is unavailable for now.
    Unavailable,
}

#[derive(Default)]
struct OauthError<'a> {
    error: Cell<'a>,
    error_description: Cell<'a>,
}

impl<'a> FromObject<'a> for OauthError<'a> {
    fn set(&mut self, name: &str, value: Cell<'a>) {
        match name {
            "error" => self.error = value,
            "error_description" => self.error_description = value,
            _ => {}
        }
    }
}

/// Distinguishes the errors of the token endpoint. Its rate limit has been seen
/// as a 500 with `access_denied`, so the status alone decides nothing.
pub fn refusal(head: &Head, body: &str) -> TokenRefusal {
    let error = OauthError::read_text(body).unwrap_or_default();
    let ignored = &mut Anomalies::default();
    let code = error.error.text("error", ignored).unwrap_or_default();
    let description = error.error_description.text("error_description", ignored);
    let description = description.unwrap_or_default();
    match head.status {
        429 => TokenRefusal::Limited,
        _ if description.contains("limit has been reached") => TokenRefusal::Limited,
        401 => TokenRefusal::Credentials(
            "Auth0 refused the Client ID or the Client Secret: compare both with the \
             application's settings, and the domain with the tenant's."
                .to_owned(),
        ),
        400 | 403 => TokenRefusal::Credentials(credentials_remedy(&code, &description)),
        _ => TokenRefusal::Unavailable,
    }
}

fn credentials_remedy(code: &str, description: &str) -> String {
    if description.contains("not authorized to access") {
        "The application has no access to the Auth0 Management API: authorize it there, in the \
         dashboard under Applications, APIs, and grant the scopes."
            .to_owned()
    } else if description.contains("Service not enabled") {
        "The tenant has no Management API under this domain: write the tenant's own domain, no \
         custom domain."
            .to_owned()
    } else if code == "unauthorized_client" || description.contains("Grant type") {
        "The application may not use the Client Credentials grant: make it a Machine-to-Machine \
         application, or allow the grant in its advanced settings."
            .to_owned()
    } else {
        "Auth0 refused to give a token for the Management API: compare Client ID, Client Secret \
         and domain with the application's settings."
            .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, body: &str) -> TokenRefusal {
        refusal(&Head { status, ..Head::default() }, body)
    }

    #[test]
    fn the_rate_limit_sent_as_a_500_is_not_a_refusal_of_credentials() {
        let body =
            r#"{"error":"access_denied","error_description":"Global limit has been reached"}"#;
        assert_eq!(judged(500, body), TokenRefusal::Limited);
        assert_eq!(judged(403, body), TokenRefusal::Limited);
        assert_eq!(judged(500, "<html>"), TokenRefusal::Unavailable);
    }

    #[test]
    fn each_refusal_says_what_to_do() {
        let remedy = |status, body: &str| match judged(status, body) {
            TokenRefusal::Credentials(text) => text,
            other => panic!("{other:?}"),
        };
        assert!(remedy(401, "{}").contains("Client Secret"));
        assert!(
            remedy(403, r#"{"error_description":"Client is not authorized to access \"x\"."}"#)
                .contains("authorize it")
        );
        assert!(
            remedy(403, r#"{"error_description":"Service not enabled within domain: x"}"#)
                .contains("custom domain")
        );
        assert!(remedy(403, r#"{"error":"unauthorized_client"}"#).contains("Client Credentials"));
    }

    #[test]
    fn a_token_that_would_break_a_header_is_none() {
        assert!(read(r#"{"access_token":"a\r\nb"}"#).is_none());
        assert!(read(r#"{"access_token":""}"#).is_none());
        assert_eq!(read(r#"{"access_token":"a.b.c"}"#).unwrap().1, 3_540_000);
        assert_eq!(read(r#"{"access_token":"a.b.c","expires_in":86400}"#).unwrap().1, 86_340_000);
    }

    #[test]
    fn a_token_whose_life_is_shorter_than_the_margin_is_not_requested_for_ever() {
        for life in ["60", "30", "0.001"] {
            let body = format!(r#"{{"access_token":"a.b.c","expires_in":{life}}}"#);
            assert_eq!(read(&body).unwrap().1, LEAST_LIFE, "{life}");
        }
    }
}
