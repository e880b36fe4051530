//! Searches of users: the condition, the order and the page.

use std::fmt::Write;

use rawdash_connector_sdk::http::encoding::encode;
use serde::{Deserialize, Serialize};

use crate::api::page::{Page, PageSize};
use rawdash_connector_sdk::time::timestamp::Timestamp;

/// The attributes of a user that are requested, and nothing else: metadata makes
/// up most of a profile.
pub(super) const USER_FIELDS: &str =
    "user_id,email,identities,last_login,logins_count,blocked,created_at,updated_at";
/// The position of a user in a search, for when the user itself cannot be read.
const POSITION_FIELDS: &str = "user_id,created_at,updated_at";

/// How many users the question for the newest change requests: a number that no
/// page of a walk has, neither halved nor doubled. So an envelope with this limit is
/// not taken for a page of a walk, for which one row would move it past others.
pub const NEWEST: u32 = 9;

/// The field by which users are walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The page.
    pub page: Page,
    /// Which fields of a user.
    pub fields: UserFields,
}

/// What the users of a search have in common.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Any, the one changed last first.
    Newest,
    /// The key lies in a range, in its order: from, inclusive, to, exclusive.
    Range(Key, Option<Timestamp>, Option<Timestamp>),
    /// The key is one instant, or there is no `created_at`; by id.
    Part(UserSet, Part),
}

/// A set of users that no range of the key divides further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserSet {
    /// All whose key is this one millisecond.
    Instant(Key, Timestamp),
    /// All without `created_at`.
    Undated,
}

/// The users of a set whose id begins with `prefix` and with none of
/// `except`. Parts made from each other are disjoint and exhaust it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Empty for all.
    pub prefix: String,
    /// Longer prefixes that have parts of their own.
    pub except: Vec<String>,
}

/// Which fields of a user a search requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserFields {
    /// All that become attributes.
    All,
    /// Only those that say where a user stands in the search.
    Position,
}

impl UserSearch {
    /// The position of the one user that changed last.
    pub fn newest() -> UserSearch {
        UserSearch {
            condition: Condition::Newest,
            page: Page::first(PageSize::MOST.limited(Some(NEWEST))),
            fields: UserFields::Position,
        }
    }

    /// The query of the request.
    pub(super) fn query(&self) -> String {
        let (sort, query) = match &self.condition {
            Condition::Newest => ("updated_at:-1".to_owned(), None),
            Condition::Range(key, from, to) => {
                (format!("{}:1", key.field()), Some(range(*key, *from, *to)))
            }
            Condition::Part(set, part) => ("user_id:1".to_owned(), Some(part.query(*set))),
        };
        let fields = match self.fields {
            UserFields::All => USER_FIELDS,
            UserFields::Position => POSITION_FIELDS,
        };
        let mut path = format!(
            "page={}&per_page={}&include_totals=true&sort={}&fields={}&include_fields=true&search_engine=v3",
            self.page.number(),
            self.page.size().get(),
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

    fn query(&self, set: UserSet) -> String {
        let mut query = match set {
            UserSet::Instant(key, at) => range(key, Some(at), Some(at.later_by(1))),
            UserSet::Undated => "NOT _exists_:created_at".to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_an_instant_differ_by_prefix() {
        let at = Timestamp::parse("2024-01-02T03:04:05.006Z").unwrap();
        let part = Part { prefix: "auth0|6".to_owned(), except: vec!["auth0|6a".to_owned()] };
        assert_eq!(
            part.query(UserSet::Instant(Key::CreatedAt, at)),
            "created_at:[2024-01-02T03:04:05.006Z TO 2024-01-02T03:04:05.006Z] AND user_id:auth0\\|6* AND NOT user_id:auth0\\|6a*"
        );
    }
}
