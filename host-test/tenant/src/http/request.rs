//! Requests, as they are received and as they are recorded for tests.

use super::endpoint::Endpoint;

/// A request as it is received.
#[derive(Clone, Debug, Default)]
pub(crate) struct Incoming {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) host: String,
    pub(crate) authorization: Option<String>,
    pub(crate) content_type: String,
    pub(crate) accepts_gzip: bool,
    pub(crate) body: Vec<u8>,
    pub(crate) connection: u64,
}

/// A recorded request. It holds no secret: neither the `Authorization` header
/// nor the body is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its number, counted from 1.
    pub number: u64,
    /// The endpoint that it addressed.
    pub endpoint: Endpoint,
    /// The method.
    pub method: String,
    /// The path, still percent-encoded, without the query.
    pub path: String,
    /// The query parameters, decoded, in the order of the request.
    pub query: Vec<(String, String)>,
    /// The `Host` header.
    pub host: String,
    /// Whether it had a body.
    pub has_body: bool,
    /// The number of its connection, counted from 1.
    pub connection: u64,
    /// The status that was sent, if an answer was sent at all.
    pub status: Option<u16>,
    /// Whether the fault of a rule happened to it.
    pub faulty: bool,
}

impl Request {
    /// The first query parameter of this name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find_map(|(other, value)| (other == name).then_some(value.as_str()))
    }
}
