//! One user: the row, and what the search index knows about it.

use crate::instant::parse_span;
use crate::lucene::Document;
use crate::row::{Row, text};
use serde_json::Value;
use std::sync::Arc;

/// A user of the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub(crate) id: Arc<str>,
    pub(crate) created_at: Option<i64>,
    pub(crate) updated_at: Option<i64>,
    pub(crate) last_login: Option<i64>,
    json: String,
}

impl User {
    /// A user whose row is exactly `json`. The index takes the id and the dates
    /// from it, where they can be read.
    #[must_use]
    pub fn from_json(json: impl Into<String>) -> Self {
        let json = json.into();
        let row = Row::parse(&json);
        let member = |name: &str| row.as_ref().and_then(|row| row.get(name));
        let date = |name: &str| member(name).as_ref().and_then(instant);
        Self {
            id: member("user_id").map(|id| text(&id)).unwrap_or_default().into(),
            created_at: date("created_at"),
            updated_at: date("updated_at"),
            last_login: date("last_login"),
            json,
        }
    }

    /// Gives the index an id that differs from the row's.
    #[must_use]
    pub fn indexed_as(mut self, user_id: &str) -> Self {
        self.id = user_id.into();
        self
    }

    /// Gives the index an instant of creation (Unix ms) that differs from the
    /// row's.
    #[must_use]
    pub fn indexed_created_at(mut self, unix_ms: i64) -> Self {
        self.created_at = Some(unix_ms);
        self
    }

    /// Gives the index an instant of change (Unix ms) that differs from the
    /// row's.
    #[must_use]
    pub fn indexed_updated_at(mut self, unix_ms: i64) -> Self {
        self.updated_at = Some(unix_ms);
        self
    }

    /// Sets a member of the row, and the index's date with it. A row that is
    /// not an object stays as it is.
    pub fn set(&mut self, member: &str, value: &Value) {
        self.change(member, Some(value));
    }

    /// Removes a member of the row.
    pub fn unset(&mut self, member: &str) {
        self.change(member, None);
    }

    fn change(&mut self, member: &str, value: Option<&Value>) {
        let Some(mut row) = Row::parse(&self.json) else {
            return;
        };
        row.set(member, value);
        self.json = row.select(|_| true);
        let date = value.and_then(instant);
        match member {
            "created_at" => self.created_at = date,
            "updated_at" => self.updated_at = date,
            "last_login" => self.last_login = date,
            _ => {}
        }
    }

    /// The id under which the tenant stores the user.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The row, as answers contain it.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }

    /// A member of the row.
    #[must_use]
    pub fn get(&self, member: &str) -> Option<Value> {
        Row::parse(&self.json)?.get(member)
    }

    /// When the user was created according to the index, in Unix ms.
    #[must_use]
    pub fn created_at(&self) -> Option<i64> {
        self.created_at
    }

    /// When the user was last changed according to the index, in Unix ms.
    #[must_use]
    pub fn updated_at(&self) -> Option<i64> {
        self.updated_at
    }
}

impl Document for User {
    fn instant(&self, field: &str) -> Option<i64> {
        match field {
            "created_at" => self.created_at,
            "updated_at" => self.updated_at,
            "last_login" => self.last_login,
            _ => None,
        }
    }

    fn texts(&self, field: &str) -> Vec<String> {
        if field == "user_id" {
            return vec![self.id.to_string()];
        }
        Row::parse(&self.json).map_or_else(Vec::new, |row| row.texts(field))
    }
}

fn instant(value: &Value) -> Option<i64> {
    let (first, last) = parse_span(value.as_str()?)?;
    (first == last).then_some(first)
}
