//! A page of log rows, and a row.

use crate::api::log_id::LogId;
use rawdash_connector_sdk::json::Text;
use rawdash_connector_sdk::json::anomalies::Anomalies;
use rawdash_connector_sdk::json::cell::Cell;
use rawdash_connector_sdk::json::object::read_rows;
use rawdash_connector_sdk::row;
use rawdash_connector_sdk::time::timestamp::Timestamp;

/// Reads a page of `GET /logs`, a bare array; `None` when it is not one. An item
/// that is not an object is `None`.
pub fn read_page(body: &str) -> Option<Vec<Option<LogRow<'_>>>> {
    read_rows(body)
}

row! {
    /// A log row: the members that are used.
    pub struct LogRow {
        log_id: "log_id",
        underscore_id: "_id",
        date: "date",
        kind: "type",
        user_id: "user_id",
        ip: "ip",
        connection: "connection",
        strategy: "strategy",
    }
}

impl<'a> LogRow<'a> {
    /// Its type. Most rows are of types that are not stored, and anomalies in those
    /// cost nothing.
    pub fn kind(&self) -> Option<Text<'a>> {
        self.kind.text("type", &mut Anomalies::default())
    }

    /// `log_id`, else `_id`.
    pub fn id(&self, anomalies: &mut Anomalies) -> Option<LogId> {
        let read = |cell: Cell<'_>, anomalies: &mut Anomalies| {
            cell.text("log_id", anomalies).and_then(|text| LogId::parse(&text))
        };
        read(self.log_id, anomalies).or_else(|| read(self.underscore_id, anomalies))
    }

    /// Its date, else the time in its id.
    pub fn at(&self) -> Option<Timestamp> {
        let ignored = &mut Anomalies::default();
        let date = self.date.timestamp("date", ignored);
        date.or_else(|| self.id(ignored)?.ingested_at())
    }
}
