//! How a connector proves who it is.

use std::fmt;

use crate::config::Secret;
use crate::contract::failure::Failure;
use crate::http::reply::Answer;
use crate::http::request::Request;

/// An access token. It has no `Display`, and its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken(String);

impl AccessToken {
    /// A token that can stand in a header: visible ASCII, at least one character.
    pub fn new(token: String) -> Option<AccessToken> {
        let legal = !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic());
        legal.then_some(AccessToken(token))
    }

    /// The token itself, for a header alone.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(hidden)")
    }
}

/// What the answer to a request for a token means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenAnswer {
    /// A token.
    Granted {
        /// The token.
        token: AccessToken,
        /// For how many milliseconds it may be used.
        life: u64,
        /// A secret that the answer replaces, to be stored by the host.
        rotated: Option<Secret>,
    },
    /// Too many tokens, or too many requests.
    Limited,
    /// Unavailable for now: one clause that says what happened.
    Transient(String),
    /// Only another configuration can help.
    Failed(Failure),
}

/// A kind of authentication.
pub trait Authentication {
    /// The request for an access token; `None` where the configuration alone
    /// authenticates a request.
    fn token_request(&self) -> Option<Request>;

    /// Reads the answer to that request.
    fn read_token(&mut self, answer: &Answer) -> TokenAnswer;

    /// Adds the credentials to a request. `token` is the current one, and always
    /// there if [`Authentication::token_request`] requests one.
    fn authorize(&self, request: &mut Request, token: Option<&AccessToken>);
}
