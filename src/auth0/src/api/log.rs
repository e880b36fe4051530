//! A page of log rows, and a row.

use crate::api::log_id::LogId;
use rawdash_connector_sdk::json::anomalies::Anomalies;
use rawdash_connector_sdk::json::cell::Cell;
use rawdash_connector_sdk::json::object::{FromObject, read_rows};

/// Reads a page of `GET /logs`, a bare array; `None` when it is not one. An item
/// that is not an object is `None`.
pub fn read_page(body: &str) -> Option<Vec<Option<LogRow<'_>>>> {
    read_rows(body)
}

/// A log row: the members that are used, uninterpreted.
#[derive(Debug, Default)]
pub struct LogRow<'a> {
    /// `log_id`.
    pub log_id: Cell<'a>,
    /// `_id`.
    pub underscore_id: Cell<'a>,
    /// `date`.
    pub date: Cell<'a>,
    /// `type`.
    pub kind: Cell<'a>,
    /// `user_id`.
    pub user_id: Cell<'a>,
    /// `ip`.
    pub ip: Cell<'a>,
    /// `connection`.
    pub connection: Cell<'a>,
    /// `strategy`.
    pub strategy: Cell<'a>,
}

impl<'a> FromObject<'a> for LogRow<'a> {
    fn set(&mut self, name: &str, value: Cell<'a>) {
        match name {
            "log_id" => self.log_id = value,
            "_id" => self.underscore_id = value,
            "date" => self.date = value,
            "type" => self.kind = value,
            "user_id" => self.user_id = value,
            "ip" => self.ip = value,
            "connection" => self.connection = value,
            "strategy" => self.strategy = value,
            _ => {}
        }
    }
}

impl LogRow<'_> {
    /// `log_id`, else `_id`.
    pub fn id(&self, anomalies: &mut Anomalies) -> Option<LogId> {
        let read = |cell: Cell<'_>, anomalies: &mut Anomalies| {
            cell.text("log_id", anomalies).and_then(|text| LogId::parse(&text))
        };
        read(self.log_id, anomalies).or_else(|| read(self.underscore_id, anomalies))
    }
}
