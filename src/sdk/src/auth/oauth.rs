//! The token endpoint of OAuth 2.0 (RFC 6749): requests and answers.

use crate::authentication::{AccessToken, TokenAnswer};
use crate::contract::failure::{Failure, FailureKind};
use crate::http::encoding::encode;
use crate::http::reply::Answer;
use crate::http::request::Request;
use crate::json::Text;
use crate::json::anomalies::Anomalies;
use crate::json::object::FromObject;
use crate::row;

/// How long a token is valid where the endpoint does not say, in milliseconds.
const DEFAULT_LIFE: u64 = 3_600_000;
/// A token is not used in the last minute of its life.
const MARGIN: u64 = 60_000;
/// A token is used for this long even if its life is shorter than the margin: a
/// token that is never used would be requested again at once, for ever. If it
/// expires earlier, the source refuses it, and refusals are counted.
const LEAST_LIFE: u64 = 10_000;

/// What the endpoint granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The access token.
    pub token: AccessToken,
    /// For how many milliseconds it may be used.
    pub life: u64,
    /// The refresh token that replaces the one that was sent.
    pub refresh_token: Option<String>,
}

/// An error of the endpoint, as the RFC has it; empty where it does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OauthError {
    /// The code, such as `invalid_client`.
    pub code: String,
    /// The endpoint's own words, at most 200 printable characters.
    pub description: String,
}

row! {
    struct Body {
        access_token: "access_token",
        expires_in: "expires_in",
        refresh_token: "refresh_token",
        error: "error",
        error_description: "error_description",
    }
}

/// Reads a grant; `None` when the body has no token that can stand in a header.
pub fn read_grant(body: &str) -> Option<Grant> {
    let body = Body::read_text(body)?;
    let ignored = &mut Anomalies::default();
    let token = body.access_token.text("access_token", ignored)?;
    let token = AccessToken::new(token.into_owned())?;
    let life = match body.expires_in.number("expires_in", ignored) {
        Some(seconds) if seconds > 0.0 => (seconds.min(1e9) * 1000.0) as u64,
        _ => DEFAULT_LIFE,
    };
    let refresh_token = body.refresh_token.text("refresh_token", ignored);
    let refresh_token = refresh_token.map(|token| token.into_owned());
    Some(Grant { token, life: life.saturating_sub(MARGIN).max(LEAST_LIFE), refresh_token })
}

/// Reads an error.
pub fn read_error(body: &str) -> OauthError {
    let body = Body::read_text(body).unwrap_or_default();
    let ignored = &mut Anomalies::default();
    let brief = |text: Option<Text<'_>>| {
        let text = text.as_deref().unwrap_or_default();
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
    };
    OauthError {
        code: brief(body.error.text("error", ignored)),
        description: brief(body.error_description.text("error_description", ignored)),
    }
}

/// What an answer without a token means, by its status and its error.
pub fn refusal(answer: &Answer) -> TokenAnswer {
    let error = read_error(&answer.body);
    let said = match (error.description.as_str(), error.code.as_str()) {
        ("", "") => "it gives no reason",
        ("", code) => code,
        (description, _) => description,
    };
    match answer.head.status {
        429 => TokenAnswer::Limited,
        400 | 401 | 403 => {
            let message = format!(
                "The source refused the credentials: {said}. Check the configured client and its secrets."
            );
            TokenAnswer::Failed(Failure::new(FailureKind::Authentication, message))
        }
        200..300 => {
            TokenAnswer::Transient("the token endpoint answered without a token".to_owned())
        }
        404 => {
            let message = "There is no token endpoint where the connector expects it: check the configured host.";
            TokenAnswer::Failed(Failure::new(FailureKind::Misdirected, message))
        }
        status => {
            TokenAnswer::Transient(format!("the token endpoint answered with status {status}"))
        }
    }
}

/// A POST of these parameters, encoded as a form, as the RFC has it.
pub fn form_request(path: &str, parameters: &[(&str, &str)]) -> Request {
    let pairs =
        parameters.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    let body = pairs.collect::<Vec<_>>().join("&");
    Request::post(path, "application/x-www-form-urlencoded", body.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::reply::Head;

    fn judged(status: u16, body: &str) -> TokenAnswer {
        let head = Head::read(status, std::iter::empty());
        refusal(&Answer::new(head, body.as_bytes().to_vec()))
    }

    #[test]
    fn a_token_whose_life_is_shorter_than_the_margin_is_not_requested_for_ever() {
        let life = |life: &str| {
            read_grant(&format!(r#"{{"access_token":"a","expires_in":{life}}}"#)).unwrap().life
        };
        assert_eq!(
            [life("60"), life("0.001"), life("86400"), life("null")],
            [10_000, 10_000, 86_340_000, 3_540_000]
        );
    }

    #[test]
    fn a_token_that_would_break_a_header_is_none() {
        assert_eq!(read_grant("{\"access_token\":\"a\\r\\nb\"}"), None);
        assert_eq!(read_grant(r#"{"access_token":""}"#), None);
    }

    #[test]
    fn an_outage_does_not_blame_the_credentials() {
        assert!(matches!(judged(503, "<html>"), TokenAnswer::Transient(_)));
        assert!(matches!(judged(200, "<html>"), TokenAnswer::Transient(_)));
        assert_eq!(judged(429, ""), TokenAnswer::Limited);
    }

    #[test]
    fn a_refusal_shows_the_endpoints_own_words() {
        let body = r#"{"error":"invalid_client","error_description":"No such client"}"#;
        let TokenAnswer::Failed(failure) = judged(401, body) else { panic!("not refused") };
        assert!(failure.message.contains("No such client"), "{}", failure.message);
    }

    #[test]
    fn parameters_are_encoded() {
        let request = form_request("/token", &[("scope", "a b"), ("secret", "x&y=z")]);
        assert_eq!(request.body, b"scope=a%20b&secret=x%26y%3Dz");
    }
}
