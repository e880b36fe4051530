//! The rows of a database, as a count and a hash.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::changed_rules::{DATED_BY_ID, dated_by_id};
use crate::support;
use crate::support::auth0::Auth0;

/// The rows of one table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Table {
    rows: usize,
    /// Over the rows as JSON with sorted members, one a line, in their order.
    sha256: String,
}

/// By kind of record.
pub(crate) type Tables = BTreeMap<String, Table>;

/// What a program leaves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Left {
    /// After the full sync.
    pub(crate) full: Tables,
    /// After the changes and the latest sync.
    pub(crate) latest: Tables,
}

impl Left {
    /// Takes a kind away; returns how many rows there were of it, after each sync.
    pub(crate) fn take(&mut self, kind: &str) -> [usize; 2] {
        [&mut self.full, &mut self.latest]
            .map(|tables| tables.remove(kind).map_or(0, |table| table.rows))
    }
}

/// The rows that readers of the database see. Events that a changed rule stores
/// are a kind of their own.
pub(crate) fn rows(auth0: &Auth0) -> Tables {
    let new = dated_by_id(auth0);
    let mut kinds: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for row in support::rows::rows(&auth0.path(), None) {
        let row = canonical(&row);
        let kind = match row[0].as_str().unwrap() {
            "event" if new.contains(row[3].as_str().unwrap()) => DATED_BY_ID,
            "event" => "events",
            "entity" => "entities",
            "metric" => "metrics",
            other => panic!("Auth0 has no {other}"),
        };
        kinds.entry(kind).or_default().push(row.to_string());
    }
    kinds.into_iter().map(|(kind, rows)| (kind.to_owned(), Table::of(rows))).collect()
}

impl Table {
    fn of(mut rows: Vec<String>) -> Self {
        rows.sort_unstable();
        let hash = Sha256::digest(rows.join("\n"));
        let sha256 = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        Table { rows: rows.len(), sha256 }
    }
}

/// A row with its attributes as JSON, not as a text of it.
fn canonical(row: &str) -> Value {
    let mut row: Value = serde_json::from_str(row).unwrap();
    for value in row.as_array_mut().unwrap() {
        if let Some(attributes) = value.as_str().filter(|text| text.starts_with('{')) {
            *value = serde_json::from_str(attributes).unwrap();
        }
    }
    row
}
