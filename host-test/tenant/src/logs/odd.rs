//! Log rows that differ from the documentation.

use crate::options::Options;
use crate::row::Row;
use serde_json::{Value, json};

/// The size of details that are huge.
const HUGE: usize = 256 * 1024;

/// What can be odd about a log row. Each occurs once in a tenant.
const KINDS: [fn(&mut Row); 14] = [
    |row| {
        let date = row.get("date");
        row.set("date", Some(&json!({"$date": date})));
    },
    |row| row.set("date", None),
    |row| row.set("date", Some(&"yesterday".into())),
    |row| row.set("scope", Some(&json!(["openid", 7, null]))),
    |row| row.set("scope", Some(&Value::Null)),
    |row| row.set("log_id", None),
    |row| row.set("details", Some(&json!({"body": "x".repeat(HUGE)}))),
    |row| row.set("details", Some(&"text".into())),
    |row| row.set("user_id", Some(&4_815_162_342_u64.into())),
    |row| row.set("client_id", Some(&json!({"id": "nested"}))),
    |row| row.set("type", Some(&Value::Null)),
    |row| row.set("type", Some(&7.into())),
    |row| {
        row.set("log_id", None);
        row.set("_id", None);
    },
    |row| row.set("ip", Some(&json!([]))),
];

/// The places of the odd rows: one for each kind, and one that is not an
/// object.
pub(crate) fn places(options: &Options) -> Vec<usize> {
    let rows = usize::try_from(options.logs).unwrap_or(usize::MAX);
    let kinds = KINDS.len() + 1;
    if !options.has_odd_rows(options.logs) {
        return Vec::new();
    }
    (1..=kinds).map(|kind| kind * rows / (kinds + 1)).collect()
}

/// An ordinary row, made odd.
pub(crate) fn odd(kind: usize, json: &str) -> String {
    match (KINDS.get(kind), Row::parse(json)) {
        (Some(change), Some(mut row)) => {
            change(&mut row);
            row.select(|_| true)
        }
        _ => "null".to_owned(),
    }
}
