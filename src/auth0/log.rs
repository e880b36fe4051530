//! A page of log rows, and a row.

use crate::auth0::cell::{Cell, Oddities, Row, read_rows};
use crate::auth0::log_id::LogId;

/// Reads a page of `GET /logs`: a bare array. None when it is none; an item
/// that is no object is none.
pub fn read_page(body: &str) -> Option<Vec<Option<LogRow<'_>>>> {
    read_rows(body)
}

/// A log row: the members that are wanted, unread.
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

impl<'a> Row<'a> for LogRow<'a> {
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
    pub fn id(&self, odd: &mut Oddities) -> Option<LogId> {
        let read = |cell: Cell<'_>, odd: &mut Oddities| {
            cell.text("log_id", odd).and_then(|text| LogId::parse(&text))
        };
        read(self.log_id, odd).or_else(|| read(self.underscore_id, odd))
    }
}
