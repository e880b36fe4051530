//! The token endpoint: the request, the token in the answer, and what its errors
//! mean.

use rawdash_connector_sdk::auth::oauth::{OauthError, read_error, read_grant};
use rawdash_connector_sdk::authentication::TokenAnswer;
use rawdash_connector_sdk::contract::failure::{Failure, FailureKind};
use rawdash_connector_sdk::http::reply::Answer;
use rawdash_connector_sdk::http::request::Request;
use serde::Serialize;

use crate::api::refusal::edge;
use crate::configuration::Auth0Configuration;

#[derive(Serialize)]
struct Grant<'a> {
    grant_type: &'static str,
    client_id: &'a str,
    client_secret: &'a str,
    audience: String,
}

/// The request for a token.
pub fn request(configuration: &Auth0Configuration) -> Request {
    let grant = Grant {
        grant_type: "client_credentials",
        client_id: &configuration.client_id,
        client_secret: configuration.client_secret.reveal(),
        audience: configuration.audience(),
    };
    let body = serde_json::to_vec(&grant).unwrap_or_default();
    Request::post("/oauth/token", "application/json", body)
}

/// Judges the answer to [`request`], for the tenant of this domain.
pub fn judge(domain: &str, answer: &Answer) -> TokenAnswer {
    let status = answer.head.status;
    if status == 200
        && let Some(grant) = read_grant(&answer.body)
    {
        return TokenAnswer::Granted { token: grant.token, life: grant.life, rotated: None };
    }
    let is_page = answer.body.trim_start().starts_with('<');
    match status {
        403 if is_page => return TokenAnswer::Transient(edge(status)),
        404 => return TokenAnswer::Failed(no_tenant(domain, "with status 404")),
        200..=402 | 405..=407 if is_page => {
            return TokenAnswer::Failed(no_tenant(domain, "with a web page"));
        }
        _ => {}
    }
    refusal(status, &answer.body)
}

/// What answers is not a tenant.
fn no_tenant(domain: &str, how: &str) -> Failure {
    let message = format!(
        "What answers at {domain} is not an Auth0 tenant: it answers a request for a token {how}. Check `domain` for typing errors, and whether a network login or a proxy stands in between."
    );
    Failure::new(FailureKind::Misdirected, message)
}

/// Distinguishes the errors of the token endpoint. Its rate limit has been seen
/// as a 500 with `access_denied`, so the status alone decides nothing.
fn refusal(status: u16, body: &str) -> TokenAnswer {
    let OauthError { code, description } = read_error(body);
    let failed =
        |message: String| TokenAnswer::Failed(Failure::new(FailureKind::Authentication, message));
    match status {
        429 => TokenAnswer::Limited,
        _ if description.contains("limit has been reached") => TokenAnswer::Limited,
        401 => failed(
            "Auth0 refused the Client ID or the Client Secret: compare both with the \
             application's settings, and the domain with the tenant's."
                .to_owned(),
        ),
        400 | 403 => failed(credentials_remedy(&code, &description)),
        _ => TokenAnswer::Transient(format!("the token endpoint answered with status {status}")),
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
        let mut remedy =
            "Auth0 refused to give a token for the Management API: compare Client ID, \
             Client Secret and domain with the application's settings."
                .to_owned();
        if !description.is_empty() {
            remedy.push_str(&format!(" Auth0 says: {}", description));
        }
        remedy
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rawdash_connector_sdk::http::reply::Head;

    fn judged(status: u16, body: &str) -> TokenAnswer {
        let head = Head::of(status);
        let answer = Answer { head, body: body.to_owned(), was_altered: false };
        judge("acme.auth0.com", &answer)
    }

    #[test]
    fn the_rate_limit_sent_as_a_500_is_not_a_refusal_of_credentials() {
        let body =
            r#"{"error":"access_denied","error_description":"Global limit has been reached"}"#;
        assert_eq!(judged(500, body), TokenAnswer::Limited);
        assert_eq!(judged(403, body), TokenAnswer::Limited);
        assert!(matches!(judged(502, "<html>"), TokenAnswer::Transient(_)));
    }

    #[test]
    fn each_refusal_says_what_to_do() {
        let remedy = |status, body: &str| match judged(status, body) {
            TokenAnswer::Failed(failure) => failure.message,
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
    fn what_is_not_a_tenant_is_told_from_wrong_credentials_and_from_an_outage() {
        let kind = |status, body: &str| match judged(status, body) {
            TokenAnswer::Failed(failure) => Some(failure.kind),
            _ => None,
        };
        let misdirected = Some(FailureKind::Misdirected);
        assert_eq!(kind(404, "Not found."), misdirected);
        assert_eq!(kind(200, "<!doctype html>"), misdirected);
        assert_eq!(kind(400, "<html>"), misdirected);
        assert_eq!(kind(403, "<html>Just a moment"), None);
        assert_eq!(kind(401, "{}"), Some(FailureKind::Authentication));
    }

    #[test]
    fn a_refusal_of_an_unknown_kind_shows_what_auth0_says() {
        let body = r#"{"error":"access_denied","error_description":"Passkeys required."}"#;
        let TokenAnswer::Failed(failure) = judged(403, body) else { panic!() };
        assert!(failure.message.ends_with("Auth0 says: Passkeys required."), "{}", failure.message);
    }
}
