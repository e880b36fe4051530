//! Daily statistics.

use crate::auth0::cell::{Cell, Row, read_rows};

/// Reads `GET /stats/daily`: a bare array. None when it is none; an item that
/// is no object is none.
pub fn read_page(body: &str) -> Option<Vec<Option<DailyRow<'_>>>> {
    read_rows(body)
}

/// One day: the members that are wanted, unread.
#[derive(Debug, Default)]
pub struct DailyRow<'a> {
    /// `date`.
    pub date: Cell<'a>,
    /// `logins`.
    pub logins: Cell<'a>,
    /// `signups`.
    pub signups: Cell<'a>,
}

impl<'a> Row<'a> for DailyRow<'a> {
    fn set(&mut self, name: &str, value: Cell<'a>) {
        match name {
            "date" => self.date = value,
            "logins" => self.logins = value,
            "signups" => self.signups = value,
            _ => {}
        }
    }
}
