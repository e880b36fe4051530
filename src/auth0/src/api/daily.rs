//! Daily statistics.

use rawdash_connector_sdk::json::object::read_rows;
use rawdash_connector_sdk::row;

/// Reads `GET /stats/daily`, a bare array; `None` when it is not one. An item
/// that is not an object is `None`.
pub fn read_page(body: &str) -> Option<Vec<Option<DailyRow<'_>>>> {
    read_rows(body)
}

row! {
    /// One day: the members that are used.
    pub struct DailyRow {
        date: "date",
        logins: "logins",
        signups: "signups",
    }
}
