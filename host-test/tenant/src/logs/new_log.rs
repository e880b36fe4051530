//! A log row that a test appends.

use std::time::Duration;

/// A log row to be appended.
#[derive(Clone, Debug)]
pub struct NewLog {
    pub(super) kind: String,
    pub(super) date: i64,
    pub(super) user_id: Option<String>,
    pub(super) delay: Duration,
    pub(super) json: Option<String>,
}

impl NewLog {
    /// A row of the type `kind` whose date is `date` (Unix ms), however long
    /// ago that is.
    #[must_use]
    pub fn new(kind: &str, date: i64) -> Self {
        Self { kind: kind.to_owned(), date, user_id: None, delay: Duration::ZERO, json: None }
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

    /// Makes the row exactly `json`, with the row's id in place of `{log_id}`.
    #[must_use]
    pub fn served_as(mut self, json: &str) -> Self {
        self.json = Some(json.to_owned());
        self
    }
}
