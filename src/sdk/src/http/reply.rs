//! The reply to a request: an answer, or why there is none.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use crate::time::timestamp::Timestamp;

/// The largest body that is read. What is larger is requested in smaller pages.
pub const LARGEST_BODY: usize = 2 * 1024 * 1024;

/// Status and headers of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The HTTP status.
    pub status: u16,
    /// The source's clock, to the end of the header's second.
    pub date: Option<Timestamp>,
    headers: Vec<(String, String)>,
}

impl Head {
    /// Reads the headers; `lines` are name and value, names in any case. A value
    /// that is not UTF-8 is left out.
    pub fn read<'a>(status: u16, lines: impl Iterator<Item = (&'a str, &'a [u8])>) -> Head {
        let mut head = Head { status, ..Head::default() };
        for (name, value) in lines {
            let Ok(value) = std::str::from_utf8(value) else { continue };
            head.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        head.date = head.header("date").and_then(Timestamp::parse_http_date);
        head
    }

    /// A status without headers.
    pub fn of(status: u16) -> Head {
        Head { status, ..Head::default() }
    }

    /// The value of a header, the first where it is repeated; `name` is
    /// lower-case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut known = self.headers.iter().filter(|(known, _)| known == name);
        known.next().map(|(_, value)| value.as_str())
    }

    /// Every value of a header; `name` is lower-case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Every header: name, in lower case, and value.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether the status says that the request was granted.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The target of a redirect.
    pub fn redirect(&self) -> Option<&str> {
        let redirects = matches!(self.status, 301 | 302 | 303 | 307 | 308);
        redirects.then(|| self.header("location")).flatten()
    }
}

/// A complete answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Status and headers.
    pub head: Head,
    /// The body.
    pub body: String,
    /// Whether the body was not UTF-8: what could not be decoded is U+FFFD.
    pub was_altered: bool,
}

impl Answer {
    /// An answer with these bytes as its body.
    pub fn new(head: Head, body: Vec<u8>) -> Answer {
        match String::from_utf8(body) {
            Ok(body) => Answer { head, body, was_altered: false },
            Err(error) => {
                let body = match String::from_utf8_lossy(error.as_bytes()) {
                    Cow::Owned(body) => body,
                    Cow::Borrowed(body) => body.to_owned(),
                };
                Answer { head, body, was_altered: true }
            }
        }
    }
}

impl Answer {
    /// The body as JSON of a type; `None` where it is not.
    pub fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(&self.body).ok()
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The exchange broke, or took too long: one clause that says how.
    Connection(String),
    /// The name of the host does not exist.
    HostNotFound,
    /// The host of the connector denied the request.
    Denied,
    /// The server's certificate was refused, and nothing was sent.
    Untrusted,
}

/// The reply to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A complete answer.
    Answer(Answer),
    /// An answer whose body is larger than [`LARGEST_BODY`].
    TooLarge(Head),
    /// No answer.
    Broken(Broken),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_that_is_not_utf8_costs_no_page() {
        let answer = Answer::new(Head::default(), b"[\"Ren\xe9\"]".to_vec());
        assert_eq!((answer.body.as_str(), answer.was_altered), ("[\"Ren\u{fffd}\"]", true));
        assert!(!Answer::new(Head::default(), b"[]".to_vec()).was_altered);
    }

    #[test]
    fn headers_are_found_in_any_case() {
        let lines: [(&str, &[u8]); 3] =
            [("Date", b"Tue, 24 Nov 2026 00:17:54 GMT"), ("LOCATION", b" /x "), ("x", b"\xff")];
        let head = Head::read(302, lines.into_iter());
        assert_eq!(head.redirect(), Some("/x"));
        assert_eq!(head.date.unwrap().to_string(), "2026-11-24T00:17:54.999Z");
        assert_eq!(head.header("x"), None);
    }
}
