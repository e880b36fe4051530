//! Rows that are distinguished by their time and dimensions: samples, rawdash's
//! table `metrics`, and distributions.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::difference::Difference;

/// The tables of one shape.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// What readers see.
    pub stored: &'static str,
    /// What is kept aside.
    pub staged: &'static str,
    /// The columns beside time and attributes.
    pub body: &'static [&'static str],
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct TimedRow {
    /// Its time.
    pub at: i64,
    /// Its attributes, as JSON.
    pub attributes: String,
    /// The values of the table's other columns.
    pub body: Vec<Cell>,
}

/// A value beside time and attributes.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A text.
    Text(String),
    /// A number.
    Real(f64),
}

/// Time and identity.
pub type Key = (i64, String);

/// Attributes and body.
pub type Content = (String, Vec<Cell>);

/// What turns the stored rows into the wanted ones.
pub type Changes = Difference<Key, Content>;

impl Table {
    /// Reads the stored rows from `?3` to `?4`: number, time, attributes, body.
    pub fn select_stored(&self) -> String {
        let Table { stored, body, .. } = self;
        format!(
            "SELECT id, ts, attributes, {} FROM {stored}
             WHERE connector_id = ?1 AND name = ?2 AND ts BETWEEN ?3 AND ?4 ORDER BY id",
            body.join(", ")
        )
    }

    /// Reads the staged rows, in their order: time, attributes, body.
    pub fn select_staged(&self) -> String {
        let Table { staged, body, .. } = self;
        format!(
            "SELECT ts, attributes, {} FROM {staged}
             WHERE connector_id = ?1 AND resource = ?2 ORDER BY row",
            body.join(", ")
        )
    }

    /// Adds a row to what is stored: connector, resource, time, attributes, body.
    pub fn insert_stored(&self) -> String {
        self.insertion(self.stored, "name")
    }

    /// Adds a row to what is staged, likewise.
    pub fn insert_staged(&self) -> String {
        self.insertion(self.staged, "resource")
    }

    /// Changes a stored row: attributes, body, its number.
    pub fn update(&self) -> String {
        let columns = [&["attributes"], self.body].concat();
        let assigned: Vec<String> = columns.iter().map(|column| format!("{column} = ?")).collect();
        format!("UPDATE {} SET {} WHERE id = ?", self.stored, assigned.join(", "))
    }

    /// Removes the stored row of a number.
    pub fn delete(&self) -> String {
        format!("DELETE FROM {} WHERE id = ?1", self.stored)
    }

    fn insertion(&self, table: &str, name: &str) -> String {
        let columns = self.body.join(", ");
        let marks = ", ?".repeat(self.body.len());
        format!(
            "INSERT INTO {table} (connector_id, {name}, ts, attributes, {columns})
             VALUES (?, ?, ?, ?{marks})"
        )
    }
}

/// What tells attributes apart from those of other rows of the same time: the
/// dimensions, or all of them where `None`.
pub fn identity(dimensions: Option<&[String]>, attributes: &str) -> String {
    let Some(dimensions) = dimensions else { return attributes.to_owned() };
    match serde_json::from_str::<Map<String, Value>>(attributes) {
        // Another program stored it.
        Err(_) => attributes.to_owned(),
        Ok(members) => {
            let value = |name: &String| members.get(name).cloned().unwrap_or_default();
            Value::Array(dimensions.iter().map(value).collect()).to_string()
        }
    }
}

/// Of rows with one identity the last.
pub fn last_of_each(
    dimensions: Option<&[String]>,
    rows: impl IntoIterator<Item = TimedRow>,
) -> BTreeMap<Key, Content> {
    let keyed = |row: TimedRow| {
        ((row.at, identity(dimensions, &row.attributes)), (row.attributes, row.body))
    };
    rows.into_iter().map(keyed).collect()
}
