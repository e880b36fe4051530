//! A request to a source.

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Reads the headers alone.
    Head,
    /// Sends a body.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

/// Requests of one group share a rate limit, where a source has several. Groups
/// are numbered from 0, below [`crate::connector::Connector::groups`].
pub type Group = u8;

/// A request, always over TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The host, where it is not the connector's own. Never one from an answer
    /// or a checkpoint.
    pub host: Option<String>,
    /// Path and query.
    pub path: String,
    /// Headers beyond `user-agent` and those of authentication; without `accept`,
    /// JSON is accepted.
    pub headers: Vec<(String, String)>,
    /// The body; empty for none.
    pub body: Vec<u8>,
    /// Which of the source's rate limits it counts against.
    pub group: Group,
    /// What the request is about, for the resource that receives the answer. It
    /// is not sent.
    pub subject: String,
}

impl Request {
    /// A GET of path and query, on the connector's own host.
    pub fn get(path: impl Into<String>) -> Request {
        Request {
            method: Method::Get,
            host: None,
            path: path.into(),
            headers: Vec::new(),
            body: Vec::new(),
            group: 0,
            subject: String::new(),
        }
    }

    /// A POST of a body of this content type.
    pub fn post(path: impl Into<String>, content_type: &str, body: Vec<u8>) -> Request {
        let request = Request { method: Method::Post, body, ..Request::get(path) };
        request.header("content-type", content_type)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Request {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Counts it against a group's rate limit.
    #[must_use]
    pub fn in_group(self, group: Group) -> Request {
        Request { group, ..self }
    }

    /// Says what it is about.
    #[must_use]
    pub fn about(self, subject: impl Into<String>) -> Request {
        Request { subject: subject.into(), ..self }
    }
}
