//! Daily statistics.

use serde_json::value::RawValue;

use crate::auth0::cell::{Cell, Items, Row};

/// Reads `GET /stats/daily`: a bare array. None when it is none.
pub fn read_page(body: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str::<Items<'_>>(body).ok().map(|items| items.0)
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
