//! Rows that are distinguished by their time and dimensions: samples, rawdash's
//! table `metrics`, and distributions.

use std::collections::BTreeMap;

use rawdash_host::contract::{Effect, ResourceInfo, Shape};
use serde_json::{Map, Value};

use crate::actions::Action;
use crate::cell::Cell;
use crate::comparison::Comparison;
use crate::insertion::Insertion;
use crate::keyed::stage;

/// The tables of one shape.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    pub(crate) stored: &'static str,
    pub(crate) staged: &'static str,
    /// The columns beside time and attributes.
    pub(crate) body: &'static [&'static str],
    /// Adds rows to what readers see: time, attributes, body.
    pub insert: Insertion,
    /// Adds rows to what is kept aside, likewise.
    pub stage: Insertion,
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct TimedRow {
    /// Its time.
    pub at: i64,
    /// Its attributes, as JSON.
    pub attributes: String,
    /// The values of the table's other columns.
    pub body: Vec<Cell<'static>>,
}

/// Time and identity.
pub(crate) type Key = (i64, String);

impl TimedRow {
    /// What distinguishes it from other rows of the resource.
    pub(crate) fn key(&self, dimensions: Option<&[String]>) -> Key {
        (self.at, identity(dimensions, &self.attributes))
    }

    /// The parameters of [`Table::insert`] and [`Table::stage`].
    pub(crate) fn cells(self) -> impl Iterator<Item = Cell<'static>> {
        [self.at.into(), self.attributes.into()].into_iter().chain(self.body)
    }

    /// The parameters of [`Table::update`].
    pub(crate) fn update(self, number: i64) -> Vec<Cell<'static>> {
        let cells = [self.attributes.into()].into_iter().chain(self.body);
        cells.chain([number.into()]).collect()
    }
}

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
}

/// What the effect takes, if such rows allow it.
pub(crate) fn actions(
    table: Table,
    rows: Vec<TimedRow>,
    effect: &Effect,
    is_staged: bool,
) -> Option<Vec<Action<'_>>> {
    let cells = |rows: Vec<TimedRow>| rows.into_iter().flat_map(TimedRow::cells).collect();
    Some(match effect {
        Effect::Merge if rows.is_empty() => Vec::new(),
        Effect::Merge => vec![Action::Compare(table, Comparison::Merge { rows, is_staged })],
        Effect::ReplaceWindow(window) => {
            vec![Action::Compare(table, Comparison::ReplaceWindow(*window, rows))]
        }
        Effect::Stage(generation) => stage(table.stage, *generation, cells(rows)),
        Effect::Publish(publication) => vec![
            Action::BeginStaging(publication.generation),
            Action::Insert { insertion: table.stage, cells: cells(rows), counts: false },
            Action::Compare(table, Comparison::Publish(publication)),
            Action::ClearStaging,
        ],
        Effect::ReplaceFrom(_) => return None,
    })
}

/// By resource, the attributes that tell its samples or distributions of one time apart.
pub fn dimensions(resources: &[ResourceInfo]) -> BTreeMap<String, Vec<String>> {
    let timed =
        |resource: &&ResourceInfo| matches!(resource.shape, Shape::Metric | Shape::Distribution);
    let dimensions = |resource: &ResourceInfo| {
        let names = resource.dimensions.iter().map(|field| field.name.clone());
        (resource.name.clone(), names.collect())
    };
    resources.iter().filter(timed).map(dimensions).collect()
}

/// What tells attributes apart from those of other rows of the same time: the
/// dimensions, or all of them where `None`.
fn identity(dimensions: Option<&[String]>, attributes: &str) -> String {
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

/// Of rows with one key the last.
pub(crate) fn last_of_each(
    dimensions: Option<&[String]>,
    rows: impl IntoIterator<Item = TimedRow>,
) -> BTreeMap<Key, TimedRow> {
    rows.into_iter().map(|row| (row.key(dimensions), row)).collect()
}
