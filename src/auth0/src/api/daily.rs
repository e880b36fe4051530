//! Daily statistics.

use rawdash_connector_sdk::json::cell::Cell;
use rawdash_connector_sdk::json::object::{FromObject, read_rows};

/// Reads `GET /stats/daily`, a bare array; `None` when it is not one. An item
/// that is not an object is `None`.
pub fn read_page(body: &str) -> Option<Vec<Option<DailyRow<'_>>>> {
    read_rows(body)
}

/// One day: the members that are used, uninterpreted.
#[derive(Debug, Default)]
pub struct DailyRow<'a> {
    /// `date`.
    pub date: Cell<'a>,
    /// `logins`.
    pub logins: Cell<'a>,
    /// `signups`.
    pub signups: Cell<'a>,
}

impl<'a> FromObject<'a> for DailyRow<'a> {
    fn set(&mut self, name: &str, value: Cell<'a>) {
        match name {
            "date" => self.date = value,
            "logins" => self.logins = value,
            "signups" => self.signups = value,
            _ => {}
        }
    }
}
