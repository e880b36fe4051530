//! What a reply of the Management API means, before its body is read for rows.

use crate::auth0::reply::Head;
use crate::auth0::request::Request;
use crate::json::anomalies::Anomalies;
use crate::json::cell::Cell;
use crate::json::object::FromObject;

/// The meaning of a complete reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The body should hold what was requested.
    Granted,
    /// The token was refused.
    TokenRefused,
    /// Too many requests.
    Limited,
    /// The search took longer than Auth0 allows: request less.
    TooSlow,
    /// Auth0, or a proxy in front of it, is unavailable.
    Unavailable,
    /// The credentials lack permission; the text is Auth0's.
    Forbidden(String),
    /// There is no such thing.
    Missing,
    /// Refused for another reason, and it would be again; the text is Auth0's.
    Refused(String),
}

#[derive(Default)]
struct ApiError<'a> {
    status_code: Cell<'a>,
    message: Cell<'a>,
}

impl<'a> FromObject<'a> for ApiError<'a> {
    fn set(&mut self, name: &str, value: Cell<'a>) {
        match name {
            "statusCode" => self.status_code = value,
            "message" => self.message = value,
            _ => {}
        }
    }
}

/// Judges a reply by its status, and by its text only where one status has two
/// meanings.
pub fn judge(request: &Request, head: &Head, body: &str) -> Verdict {
    if (200..300).contains(&head.status) {
        return Verdict::Granted;
    }
    let error = ApiError::read_text(body).unwrap_or_default();
    let ignored = &mut Anomalies::default();
    let message = brief(&error.message.text("message", ignored).unwrap_or_default());
    match head.status {
        401 => Verdict::TokenRefused,
        400 if message.contains("Bad HTTP authentication header") => Verdict::TokenRefused,
        403 => Verdict::Forbidden(message),
        404 => Verdict::Missing,
        429 => Verdict::Limited,
        503 if matches!(request, Request::Users(_))
            && error.status_code.number("statusCode", ignored).is_some() =>
        {
            Verdict::TooSlow
        }
        408 | 425 => Verdict::Unavailable,
        400..=499 => Verdict::Refused(message),
        _ => Verdict::Unavailable,
    }
}

/// At most 200 printable characters: the text is shown in a terminal.
fn brief(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_without_dots_is_refused_with_a_400() {
        let head = Head { status: 400, ..Head::default() };
        let body = r#"{"statusCode":400,"message":"Bad HTTP authentication header format"}"#;
        assert_eq!(judge(&Request::OldestLog(None), &head, body), Verdict::TokenRefused);
    }

    #[test]
    fn an_outage_of_the_edge_is_not_a_slow_search() {
        let head = Head { status: 503, ..Head::default() };
        assert_eq!(judge(&Request::User("x".to_owned()), &head, "{}"), Verdict::Unavailable);
        let head = Head { status: 502, ..Head::default() };
        assert_eq!(judge(&Request::OldestLog(None), &head, "<html>"), Verdict::Unavailable);
    }
}
