//! The log of a tenant.

use super::State;
use crate::logs::{LogEntry, NewLog};
use serde_json::Value;

impl State {
    /// The log rows that can be read now, in the order of their ids.
    pub fn logs(&self) -> impl DoubleEndedIterator<Item = LogEntry> {
        self.logs.visible(self.now()).map(|entry| entry.to_entry())
    }

    /// Appends a log row and returns its id.
    pub fn append_log(&mut self, log: &NewLog) -> String {
        self.logs.append(log, self.now())
    }

    /// Sets a member of the log row with this id, or removes it. The row keeps
    /// its place and its id.
    pub fn set_log_member(&mut self, id: &str, member: &str, value: Option<&Value>) {
        self.logs.set_member(id, member, value);
    }

    /// Drops the log rows that were ingested before `unix_ms`, as retention
    /// does.
    pub fn drop_logs_before(&mut self, unix_ms: i64) {
        self.logs.drop_before(unix_ms);
    }
}
