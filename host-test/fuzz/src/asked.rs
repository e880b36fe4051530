//! What is requested, read from the address of a request alone: what a server sees.

use auth0_connector::api::log_id::LogId;
use percent_encoding::percent_decode_str;
use rawdash_connector_sdk::http::request::{Method, Request};
use rawdash_connector_sdk::time::timestamp::Timestamp;

/// What is requested.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Asked {
    Token,
    Users(Search),
    /// The user of this id.
    User(String),
    Logs {
        from: LogId,
        take: u32,
    },
    OldestLog(Option<Timestamp>),
    /// From the begin of this day on.
    Stats(Timestamp),
}

/// A search of users.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Search {
    pub(crate) page: u32,
    pub(crate) size: u32,
    /// Where the users that it finds begin; `None` where it does not say.
    pub(crate) from: Option<Timestamp>,
    /// How the ids begin; `None` where a range of instants is searched.
    pub(crate) prefix: Option<String>,
}

impl Asked {
    /// Reads a request; `None` where the tenant has no such endpoint.
    pub(crate) fn read(request: &Request) -> Option<Asked> {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let value = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let (_, value) = pairs.find(|(known, _)| *known == name)?;
            Some(percent_decode_str(value).decode_utf8().ok()?.into_owned())
        };
        let number = |name: &str| value(name)?.parse::<u32>().ok();
        Some(match (request.method, path) {
            (Method::Post, "/oauth/token") => Asked::Token,
            (Method::Get, "/api/v2/users") => Asked::Users(Search {
                page: number("page")?,
                size: number("per_page")?,
                from: value("q").and_then(|q| first_instant(&q)),
                prefix: match value("sort")?.as_str() {
                    "created_at:1" | "updated_at:1" => None,
                    _ => Some(prefix(&value("q").unwrap_or_default())),
                },
            }),
            (Method::Get, "/api/v2/logs") => match value("from") {
                Some(from) => Asked::Logs { from: LogId::parse(&from)?, take: number("take")? },
                None => Asked::OldestLog(value("q").and_then(|q| first_instant(&q))),
            },
            (Method::Get, "/api/v2/stats/daily") => {
                Asked::Stats(Timestamp::parse_compact(&format!("{}000000000", value("from")?))?)
            }
            (Method::Get, path) => {
                let id = path.strip_prefix("/api/v2/users/").filter(|id| !id.contains('/'))?;
                Asked::User(percent_decode_str(id).decode_utf8().ok()?.into_owned())
            }
            _ => return None,
        })
    }
}

/// The instant in `field:[2026-03-01T12:00:00.000Z TO *]`.
fn first_instant(query: &str) -> Option<Timestamp> {
    Timestamp::parse(query.split_once('[')?.1.split_once(" TO ")?.0)
}

/// The beginning in `... AND user_id:auth0\|1* AND NOT ...`.
fn prefix(query: &str) -> String {
    let escaped = query.split_once(" AND user_id:").map_or("", |(_, rest)| rest);
    let mut letters = escaped.chars();
    let mut prefix = String::new();
    while let Some(letter) = letters.next().filter(|letter| *letter != '*') {
        prefix.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    prefix
}
