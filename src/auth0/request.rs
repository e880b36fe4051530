//! The requests that the connector sends, and their addresses on the tenant's
//! host. No address ever comes from an answer or a checkpoint.

use std::fmt::Write;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::auth0::log_id::LogId;
use crate::resource::Resource;
use crate::timestamp::{Day, Timestamp};

/// The attributes of a user that are asked for, and nothing else: metadata
/// makes up most of a profile.
const USER_FIELDS: &str =
    "user_id,email,identities,last_login,logins_count,blocked,created_at,updated_at";
/// What tells where a user stands, for when the user itself cannot be read.
const PLACE_FIELDS: &str = "user_id,created_at,updated_at";

/// What is left as it is in a query or a path segment.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request to the tenant.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Mint an access token.
    Token,
    /// Search users.
    Users(UserSearch),
    /// One user, past the search index.
    User(String),
    /// Log rows after a position.
    Logs {
        /// Exclusive.
        from: LogId,
        /// How many, 1 to 100.
        take: u32,
    },
    /// The oldest log row that Auth0 keeps, or the oldest since an instant.
    OldestLog(Option<Timestamp>),
    /// Daily statistics, both days included.
    Stats(Day, Day),
}

/// The field by which users are walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Key {
    /// Never changes: the key of a full walk.
    CreatedAt,
    /// Moves with every login: the key of a latest walk.
    UpdatedAt,
}

impl Key {
    /// The field's name at Auth0.
    pub fn field(self) -> &'static str {
        match self {
            Key::CreatedAt => "created_at",
            Key::UpdatedAt => "updated_at",
        }
    }
}

/// Which users, in which order, and how many.
#[derive(Clone, Debug, PartialEq)]
pub struct UserSearch {
    /// The condition.
    pub condition: Condition,
    /// The page, from 0.
    pub page: u32,
    /// Rows a page, 1 to 100.
    pub per_page: u32,
    /// Only what tells where a user stands.
    pub place_only: bool,
}

/// What the users of a search have in common.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Any, the one changed last first.
    Newest,
    /// The key lies in a range, in its order: from, inclusive, to, exclusive.
    Range(Key, Option<Timestamp>, Option<Timestamp>),
    /// The key is one instant, or there is no `created_at`; by id.
    Part(Scope, Part),
}

/// A set of users that no range of the key divides further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Scope {
    /// All whose key is this one millisecond.
    Instant(Key, Timestamp),
    /// All without `created_at`.
    Undated,
}

/// The users of a scope whose id begins with `prefix` and with none of
/// `except`. Parts made from each other are disjoint and exhaust it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Part {
    /// Empty for all.
    pub prefix: String,
    /// Longer prefixes that have parts of their own.
    pub except: Vec<String>,
}

impl Request {
    /// Whether the request is the one that is posted, with a body.
    pub fn is_post(&self) -> bool {
        *self == Request::Token
    }

    /// What the request is for; the token is for all.
    pub fn resource(&self) -> Option<Resource> {
        match self {
            Request::Token => None,
            Request::Users(_) | Request::User(_) => Some(Resource::Users),
            Request::Logs { .. } | Request::OldestLog(_) => Some(Resource::LoginEvents),
            Request::Stats(..) => Some(Resource::DailyActiveUsers),
        }
    }

    /// Path and query, on the tenant's host.
    pub fn path_and_query(&self) -> String {
        match self {
            Request::Token => "/oauth/token".to_owned(),
            Request::Users(search) => search.path_and_query(),
            Request::User(id) => {
                format!(
                    "/api/v2/users/{}?fields={}&include_fields=true",
                    encode(id),
                    encode(USER_FIELDS)
                )
            }
            Request::Logs { from, take } => {
                format!("/api/v2/logs?from={}&take={take}", encode(from.as_str()))
            }
            Request::OldestLog(since) => {
                let mut path = "/api/v2/logs?sort=date%3A1&page=0&per_page=1".to_owned();
                if let Some(since) = since {
                    path.push_str("&q=");
                    path.push_str(&encode(&format!("date:[{since} TO *]")));
                }
                path
            }
            Request::Stats(from, to) => format!("/api/v2/stats/daily?from={from}&to={to}"),
        }
    }
}

impl UserSearch {
    fn path_and_query(&self) -> String {
        let (sort, query) = match &self.condition {
            Condition::Newest => ("updated_at:-1".to_owned(), None),
            Condition::Range(key, from, to) => {
                (format!("{}:1", key.field()), Some(range(*key, *from, *to)))
            }
            Condition::Part(scope, part) => ("user_id:1".to_owned(), Some(part.query(*scope))),
        };
        let fields = if self.place_only { PLACE_FIELDS } else { USER_FIELDS };
        let mut path = format!(
            "/api/v2/users?page={}&per_page={}&include_totals=true&sort={}&fields={}&include_fields=true&search_engine=v3",
            self.page,
            self.per_page,
            encode(&sort),
            encode(fields),
        );
        if let Some(query) = query {
            path.push_str("&q=");
            path.push_str(&encode(&query));
        }
        path
    }
}

impl Part {
    /// Whether a user of this id is one of the part.
    pub fn holds(&self, id: &str) -> bool {
        id.starts_with(&self.prefix) && !self.except.iter().any(|other| id.starts_with(other))
    }

    fn query(&self, scope: Scope) -> String {
        let mut query = match scope {
            Scope::Instant(key, at) => range(key, Some(at), Some(at.later_by(1))),
            Scope::Undated => "NOT _exists_:created_at".to_owned(),
        };
        if !self.prefix.is_empty() {
            let _ = write!(query, " AND user_id:{}*", escape(&self.prefix));
        }
        for prefix in &self.except {
            let _ = write!(query, " AND NOT user_id:{}*", escape(prefix));
        }
        query
    }
}

/// Auth0 keeps instants to the millisecond, so a range that ends a millisecond
/// before `to` meets the next one without a gap and without sharing a user.
fn range(key: Key, from: Option<Timestamp>, to: Option<Timestamp>) -> String {
    let text = |at: Option<Timestamp>| at.map_or("*".to_owned(), |at| at.to_string());
    format!("{}:[{} TO {}]", key.field(), text(from), text(to.map(|to| to.earlier_by(1))))
}

/// Escapes what has a meaning in a query.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 4);
    for letter in text.chars() {
        if letter.is_ascii() && !(letter.is_ascii_alphanumeric() || letter == '_') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_id_stays_one_path_segment() {
        let path = Request::User("auth0|a/../b?c#d".to_owned()).path_and_query();
        assert!(path.starts_with("/api/v2/users/auth0%7Ca%2F..%2Fb%3Fc%23d?"), "{path}");
    }

    #[test]
    fn parts_of_an_instant_are_told_apart_by_prefix() {
        let at = Timestamp::parse("2024-01-02T03:04:05.006Z").unwrap();
        let part = Part { prefix: "auth0|6".to_owned(), except: vec!["auth0|6a".to_owned()] };
        assert_eq!(
            part.query(Scope::Instant(Key::CreatedAt, at)),
            "created_at:[2024-01-02T03:04:05.006Z TO 2024-01-02T03:04:05.006Z] AND user_id:auth0\\|6* AND NOT user_id:auth0\\|6a*"
        );
    }
}
