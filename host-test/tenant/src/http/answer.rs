//! An answer as the tenant produces it, before a fault changes it.

use super::endpoint::Endpoint;
use bytes::Bytes;
use serde_json::{Map, Value, json};

/// An answer: status, headers and body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status, 200 to 599.
    pub status: u16,
    /// The headers. The server adds `content-length` or `transfer-encoding`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// An answer with a JSON body.
    #[must_use]
    pub fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: vec![(
                "content-type".to_owned(),
                "application/json; charset=utf-8".to_owned(),
            )],
            body: body.into(),
        }
    }

    /// An answer with an HTML page.
    #[must_use]
    pub fn html(status: u16, body: impl Into<Bytes>) -> Self {
        Self::json(status, body).with("content-type", "text/html; charset=UTF-8")
    }

    /// Sets a header, replacing any of the same name.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A JSON array of rows that are already JSON.
    pub(crate) fn rows(rows: &[String]) -> Self {
        Self::json(200, format!("[{}]", rows.join(",")))
    }

    /// An error of the Management API. Many have no `errorCode`.
    pub(crate) fn error(status: u16, error_code: Option<&str>, message: &str) -> Self {
        let mut body = Map::new();
        body.insert("statusCode".to_owned(), status.into());
        body.insert("error".to_owned(), reason(status).into());
        body.insert("message".to_owned(), message.into());
        if let Some(code) = error_code {
            body.insert("errorCode".to_owned(), code.into());
        }
        Self::json(status, Value::Object(body).to_string())
    }

    /// The 400 for a query parameter. `problem` follows the fixed beginning.
    pub(crate) fn bad_query(problem: &str) -> Self {
        Self::error(
            400,
            Some("invalid_query_string"),
            &format!("Query validation error: {problem}"),
        )
    }

    /// A 401 of the Management API, which states the problem twice.
    pub(crate) fn unauthorized(problem: &str) -> Self {
        let body = json!({
            "statusCode": 401,
            "error": "Unauthorized",
            "message": problem,
            "attributes": {"error": problem},
        });
        Self::json(401, body.to_string())
    }

    /// An error of the token endpoint, which has a shape of its own.
    pub(crate) fn oauth_error(status: u16, error: &str, description: &str) -> Self {
        let body = json!({"error": error, "error_description": description});
        Self::json(status, body.to_string())
    }

    /// An error of an endpoint, in that endpoint's shape.
    pub(crate) fn status(endpoint: Endpoint, status: u16) -> Self {
        if endpoint == Endpoint::Token {
            Self::oauth_error(status, "server_error", reason(status))
        } else {
            Self::error(status, None, reason(status))
        }
    }

    /// The 503 of a search that takes longer than two seconds.
    pub(crate) fn query_timeout() -> Self {
        Self::error(
            503,
            Some("query_timeout"),
            "The query exceeded the timeout. Please try refining your search criteria. \
             See https://auth0.com/docs/best-practices/search-best-practices.",
        )
    }

    /// The 429 of an endpoint, in that endpoint's shape.
    pub(crate) fn too_many_requests(endpoint: Endpoint) -> Self {
        if endpoint == Endpoint::Token {
            let description = "Rate limit exceeded. Please retry after some time.";
            Self::oauth_error(429, "too_many_requests", description)
        } else {
            Self::error(429, Some("too_many_requests"), "Global limit has been reached")
        }
    }
}

fn reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Unknown")
}
