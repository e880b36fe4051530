//! What an answer of the Management API means, before its body is read for rows.

use rawdash_connector_sdk::connector::Verdict;
use rawdash_connector_sdk::contract::failure::{Failure, FailureKind};
use rawdash_connector_sdk::contract::manifest::ResourceInfo;
use rawdash_connector_sdk::http::reply::Answer;
use rawdash_connector_sdk::http::request::Request;
use rawdash_connector_sdk::json::anomalies::Anomalies;
use rawdash_connector_sdk::json::object::FromObject;
use rawdash_connector_sdk::row;

use crate::api::request::searches_users;

row! {
    struct ApiError {
        status_code: "statusCode",
        message: "message",
    }
}

/// Judges an answer by its status, and by its text only where one status has two
/// meanings.
pub fn judge(resource: &ResourceInfo, request: &Request, answer: &Answer) -> Verdict {
    let status = answer.head.status;
    if answer.head.is_success() {
        return Verdict::Granted;
    }
    let error = ApiError::read_text(&answer.body);
    let is_auth0s = error.is_some();
    let error = error.unwrap_or_default();
    let ignored = &mut Anomalies::default();
    let message = brief(error.message.text("message", ignored).as_deref().unwrap_or_default());
    let unavailable = || Verdict::Transient(format!("Auth0 answered with status {status}"));
    match status {
        401 => Verdict::TokenRefused(tokens_refused()),
        400 if message.contains("Bad HTTP authentication header") => {
            Verdict::TokenRefused(tokens_refused())
        }
        403 | 404 if !is_auth0s => Verdict::Transient(edge(status)),
        403 => Verdict::Refused(forbidden(resource, &message)),
        429 => Verdict::Limited,
        503 if searches_users(request)
            && error.status_code.number("statusCode", ignored).is_some() =>
        {
            Verdict::TooSlow
        }
        408 | 425 => unavailable(),
        400..=499 => Verdict::Refused(refused(resource, status, &message)),
        _ => unavailable(),
    }
}

/// What is said of an answer that is not Auth0's own.
pub(super) fn edge(status: u16) -> String {
    format!("the request was blocked by the network edge in front of Auth0, with status {status}")
}

fn tokens_refused() -> Failure {
    let message = "Auth0 issues tokens and refuses each of them: check that the domain is the tenant's own, and that the application's tokens are for the Management API.";
    Failure::new(FailureKind::Authentication, message)
}

fn forbidden(resource: &ResourceInfo, said: &str) -> Failure {
    let scope = resource.scopes.first().map_or("", String::as_str);
    let mut message = format!(
        "Auth0 does not let the application read {}: grant it the scope `{scope}` of the Management API",
        resource.title()
    );
    if !said.is_empty() && !said.contains("Insufficient scope") {
        message.push_str(&format!(", or see what Auth0 says: {said}"));
    }
    message.push('.');
    Failure::new(FailureKind::Permission, message)
}

fn refused(resource: &ResourceInfo, status: u16, said: &str) -> Failure {
    let said = if said.is_empty() { "no reason given" } else { said };
    let message = format!(
        "Auth0 refused a request for {} with status {status} ({said}). Report this: the connector should not have sent the request.",
        resource.title()
    );
    Failure::new(FailureKind::Upstream, message).with_status(status)
}

/// At most 200 printable characters: the text is shown in a terminal.
fn brief(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::request::{oldest_log, user};
    use rawdash_connector_sdk::contract::manifest::Shape;
    use rawdash_connector_sdk::http::reply::Head;

    fn judged(request: &Request, status: u16, body: &str) -> Verdict {
        let resource =
            ResourceInfo::new("auth0_user", Shape::Entity, "", "").setting("users").scope("read:x");
        let head = Head::of(status);
        judge(&resource, request, &Answer { head, body: body.to_owned(), was_altered: false })
    }

    #[test]
    fn a_token_without_dots_is_refused_with_a_400() {
        let body = r#"{"statusCode":400,"message":"Bad HTTP authentication header format"}"#;
        assert!(matches!(judged(&oldest_log(None), 400, body), Verdict::TokenRefused(_)));
    }

    #[test]
    fn an_outage_of_the_edge_is_not_a_slow_search() {
        assert!(matches!(judged(&user("x"), 503, "{}"), Verdict::Transient(_)));
        assert!(matches!(judged(&oldest_log(None), 502, "<html>"), Verdict::Transient(_)));
    }

    #[test]
    fn the_edge_neither_blames_scopes_nor_deletes_users() {
        for status in [403, 404] {
            let Verdict::Transient(what) = judged(&user("x"), status, "<title>Just a moment")
            else {
                panic!("{status}");
            };
            assert!(what.contains("network edge"), "{what}");
        }
        let body = r#"{"statusCode":403,"message":"Insufficient scope","errorCode":"x"}"#;
        let Verdict::Refused(failure) = judged(&user("x"), 403, body) else { panic!() };
        assert!(failure.message.contains("`read:x`"), "{}", failure.message);
    }
}
