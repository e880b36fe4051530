//! The rows of one page of the log.

use rawdash_connector_sdk::contract::batch::Warning;
use rawdash_connector_sdk::contract::records::Event;
use rawdash_connector_sdk::json::anomalies::Anomalies;
use rawdash_connector_sdk::time::timestamp::Timestamp;

use crate::api::log::LogRow;
use crate::api::log_id::LogId;
use crate::records::login_event;
use crate::resources::Shared;
use crate::resources::users::deletions;

/// What the rows of one page amount to.
pub(super) struct PageOfRows {
    /// The id of the last row that can be read, whatever its type.
    pub(super) last: Option<LogId>,
    /// Its time, or that of the row before.
    pub(super) last_at: Timestamp,
    pub(super) events: Vec<Event>,
    pub(super) warnings: Vec<Warning>,
    pub(super) anomalies: Anomalies,
}

impl PageOfRows {
    /// Reads the rows of a page that begins behind a position of about `known`.
    pub(super) fn read(
        rows: &[Option<LogRow<'_>>],
        known: Timestamp,
        types: &[String],
        shared: &mut Shared,
    ) -> PageOfRows {
        let mut page = PageOfRows {
            last: None,
            last_at: known,
            events: Vec::new(),
            warnings: Vec::new(),
            anomalies: Anomalies::default(),
        };
        for row in rows {
            match row {
                Some(row) => page.add(row, types, shared),
                None => page.anomalies.count("a row", "is not an object"),
            }
        }
        page
    }

    fn add(&mut self, row: &LogRow<'_>, types: &[String], shared: &mut Shared) {
        let ignored = &mut Anomalies::default();
        let id = row.id(ignored);
        let dated = row.date.timestamp("date", ignored);
        let at = dated.or_else(|| id.as_ref().and_then(LogId::ingested_at));
        self.last_at = at.unwrap_or(self.last_at);
        self.last = id.or_else(|| self.last.take());
        self.events.extend(login_event::event(row, types, &mut self.anomalies));
        if let Some(overflow) = deletions::consider(&mut shared.deletions, row, self.last_at) {
            shared.doubt();
            self.warnings.push(overflow);
        }
    }
}
