//! A log row that a test appends.

use serde_json::Value;
use std::time::Duration;

/// A log row to be appended.
#[derive(Clone, Debug)]
pub struct NewLog {
    pub(super) kind: String,
    pub(super) date: i64,
    pub(super) user_id: Option<String>,
    pub(super) delay: Duration,
    pub(super) json: Option<String>,
    /// Members that are set, or removed if they have no value.
    pub(super) members: Vec<(String, Option<Value>)>,
}

impl NewLog {
    /// A row of the type `kind` whose date is `date` (Unix ms), however long
    /// ago that is.
    #[must_use]
    pub fn new(kind: &str, date: i64) -> Self {
        Self {
            kind: kind.to_owned(),
            date,
            user_id: None,
            delay: Duration::ZERO,
            json: None,
            members: Vec::new(),
        }
    }

    /// Sets the user whom the row is about.
    #[must_use]
    pub fn about(mut self, user_id: &str) -> Self {
        self.user_id = Some(user_id.to_owned());
        self
    }

    /// Delays the ingestion of the row, before which it is not visible.
    #[must_use]
    pub fn ingested_after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Sets a member of the row, such as `date` to an object. The row keeps its
    /// place and its id.
    #[must_use]
    pub fn with(mut self, member: &str, value: Value) -> Self {
        self.members.push((member.to_owned(), Some(value)));
        self
    }

    /// Removes a member of the row.
    #[must_use]
    pub fn without(mut self, member: &str) -> Self {
        self.members.push((member.to_owned(), None));
        self
    }

    /// Makes the row exactly `json`, with the row's id in place of `{log_id}`.
    #[must_use]
    pub fn served_as(mut self, json: &str) -> Self {
        self.json = Some(json.to_owned());
        self
    }
}
