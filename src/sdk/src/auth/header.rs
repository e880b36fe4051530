//! A secret in a header.

use crate::authentication::{AccessToken, Authentication, TokenAnswer};
use crate::config::Secret;
use crate::http::reply::Answer;
use crate::http::request::Request;

/// A header that holds a secret, such as `Authorization: Bearer SECRET`.
#[derive(Clone, Debug)]
pub struct Header {
    name: &'static str,
    prefix: &'static str,
    secret: Secret,
}

impl Header {
    /// `Authorization: Bearer SECRET`.
    pub fn bearer(secret: Secret) -> Header {
        Header { name: "authorization", prefix: "Bearer ", secret }
    }

    /// The secret alone in a header of this name, in lower case.
    pub fn named(name: &'static str, secret: Secret) -> Header {
        Header { name, prefix: "", secret }
    }
}

impl Authentication for Header {
    fn token_request(&self) -> Option<Request> {
        None
    }

    fn read_token(&mut self, _: &Answer) -> TokenAnswer {
        not_requested()
    }

    fn authorize(&self, request: &mut Request, _: Option<&AccessToken>) {
        let value = format!("{}{}", self.prefix, self.secret.reveal());
        request.headers.push((self.name.to_owned(), value));
    }
}

/// The answer to a token request of a kind that sends none.
pub(super) fn not_requested() -> TokenAnswer {
    TokenAnswer::Transient("a token was answered that was not requested".to_owned())
}

/// Adds `Authorization: Bearer TOKEN`.
pub(super) fn bear(request: &mut Request, token: Option<&AccessToken>) {
    if let Some(token) = token {
        request.headers.push(("authorization".to_owned(), format!("Bearer {}", token.reveal())));
    }
}
