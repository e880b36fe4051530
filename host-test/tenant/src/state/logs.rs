//! The log of a tenant.

use super::State;
use crate::logs::{LogEntry, NewLog};

impl State {
    /// The log rows that can be read now, in the order of their ids.
    pub fn logs(&self) -> impl DoubleEndedIterator<Item = LogEntry> {
        self.logs.visible(self.now()).map(|entry| entry.to_entry())
    }

    /// Appends a log row and returns its id.
    pub fn append_log(&mut self, log: &NewLog) -> String {
        self.logs.append(log, self.now())
    }

    /// Drops the log rows that were ingested before `unix_ms`, as retention
    /// does.
    pub fn drop_logs_before(&mut self, unix_ms: i64) {
        self.logs.drop_before(unix_ms);
    }
}
