//! A scripted source, and a host in memory, for the tests of a connector: natively,
//! without a network, in a time that is only counted.
//!
//! A source is a function from requests to replies. [`Host`] syncs the connector
//! with it, stores what it returns as a host would, and checks the rules of the
//! contract that a host relies on.

mod host;
mod store;

pub use self::host::{Host, Synced};
pub use self::store::{Row, Store};

use crate::http::reply::{Answer, Broken, Head, Reply};
use crate::http::request::Request;

/// A source.
pub trait Source {
    /// The reply to a request.
    fn reply(&mut self, request: &Request) -> Reply;
}

impl<F: FnMut(&Request) -> Reply> Source for F {
    fn reply(&mut self, request: &Request) -> Reply {
        self(request)
    }
}

/// An answer with a JSON body, status 200.
pub fn json(body: impl ToString) -> Reply {
    answer(200, &[("content-type", "application/json")], body)
}

/// An answer with a status and nothing else.
pub fn status(status: u16) -> Reply {
    answer(status, &[], "")
}

/// An answer.
pub fn answer(status: u16, headers: &[(&str, &str)], body: impl ToString) -> Reply {
    let lines = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
    Reply::Answer(Answer::new(Head::read(status, lines), body.to_string().into_bytes()))
}

/// A connection that breaks.
pub fn broken() -> Reply {
    Reply::Broken(Broken::Connection("the connection broke".to_owned()))
}
