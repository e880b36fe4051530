//! Rows that are distinguished by their time and dimensions: samples, rawdash's
//! table `metrics`, and distributions.

use std::collections::BTreeMap;

use rusqlite::params_from_iter;
use rusqlite::types::Value;

use super::scope::{Scope, rows};
use super::staging;
use super::window::{Difference, Stored, difference};
use super::write_error::WriteError;
use rawdash_host::contract::{Publication, Window};
use rawdash_host::storage::{Changed, StorageError};

/// The tables of one shape.
#[derive(Clone, Copy)]
pub(super) struct Table {
    /// What readers see.
    pub(super) stored: &'static str,
    /// What is kept aside.
    pub(super) staged: &'static str,
    /// The columns beside time and attributes.
    pub(super) body: &'static [&'static str],
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TimedRow {
    pub(super) at: i64,
    pub(super) attributes: String,
    pub(super) body: Vec<Value>,
}

/// Time and identity.
type Key = (i64, String);

/// Attributes and body.
type Content = (String, Vec<Value>);

impl Table {
    /// Puts each row in the place of the one with the same identity, also where
    /// that is staged: it is newer than the one that was staged.
    pub(super) fn merge(
        &self,
        scope: Scope<'_>,
        merged: Vec<TimedRow>,
    ) -> rusqlite::Result<Changed> {
        let wanted = last_of_each(scope, merged);
        let (Some(first), Some(last)) = (wanted.keys().next(), wanted.keys().next_back()) else {
            return Ok(Changed::default());
        };
        let span = Window { start: first.0, end: last.0 };
        let mut stored = self.stored(scope, Some(span))?;
        stored.retain(|row| wanted.contains_key(&row.key));
        if staging::staged(scope)?.is_some() {
            for (at, attributes, _) in self.staged(scope)? {
                let key = (at, scope.identity(&attributes));
                if let Some((attributes, body)) = wanted.get(&key) {
                    self.append(scope, at, attributes, body)?;
                }
            }
        }
        self.apply(scope, difference(stored, wanted))
    }

    /// Replaces the rows of the window.
    pub(super) fn replace_window(
        &self,
        scope: Scope<'_>,
        window: Window,
        replacing: Vec<TimedRow>,
    ) -> rusqlite::Result<Changed> {
        let stored = self.stored(scope, Some(window))?;
        self.apply(scope, difference(stored, last_of_each(scope, replacing)))
    }

    /// Keeps rows aside under a generation.
    pub(super) fn stage(
        &self,
        scope: Scope<'_>,
        generation: u64,
        staged: &[TimedRow],
    ) -> rusqlite::Result<Changed> {
        staging::begin(scope, generation)?;
        let mut changed = Changed::default();
        for row in staged {
            changed.written += self.append(scope, row.at, &row.attributes, &row.body)?;
        }
        Ok(changed)
    }

    /// Replaces what is stored by what is staged, and these rows.
    pub(super) fn publish(
        &self,
        scope: Scope<'_>,
        publication: &Publication,
        last: &[TimedRow],
    ) -> Result<Changed, WriteError> {
        self.stage(scope, publication.generation, last)?;
        let staged = self.staged(scope)?;
        let row = |(at, attributes, body)| TimedRow { at, attributes, body };
        let wanted = last_of_each(scope, staged.into_iter().map(row));
        let stored = self.stored(scope, publication.scope)?;
        let outside =
            |window: Window| wanted.keys().any(|(at, _)| !(window.start..=window.end).contains(at));
        if publication.scope.is_some_and(outside) {
            let resource = scope.resource.to_owned();
            return Err(StorageError::StagedOutside { resource }.into());
        }
        staging::check_empty(scope, publication, rows(stored.len()), rows(wanted.len()))?;
        let changed = self.apply(scope, difference(stored, wanted))?;
        staging::clear(scope)?;
        Ok(changed)
    }

    fn apply(
        &self,
        scope: Scope<'_>,
        difference: Difference<Key, Content>,
    ) -> rusqlite::Result<Changed> {
        let Table { stored, body, .. } = self;
        let Difference { insert, update, delete } = difference;
        let mut changed = Changed::default();
        let mut statement = scope.statement(&format!("DELETE FROM {stored} WHERE id = ?1"))?;
        for row in delete {
            changed.removed += rows(statement.execute([row])?);
        }
        let columns = [&["attributes"], *body].concat();
        let assigned: Vec<String> = columns.iter().map(|column| format!("{column} = ?")).collect();
        let sql = format!("UPDATE {stored} SET {} WHERE id = ?", assigned.join(", "));
        let mut statement = scope.statement(&sql)?;
        for (row, (attributes, body)) in update {
            let values = [Value::Text(attributes)].into_iter().chain(body);
            let values = values.chain([Value::Integer(row)]);
            changed.written += rows(statement.execute(params_from_iter(values))?);
        }
        let sql = self.insertion(stored, "name");
        let mut statement = scope.statement(&sql)?;
        for ((at, _), (attributes, body)) in insert {
            let values = placed(scope, at, attributes, body);
            changed.written += rows(statement.execute(params_from_iter(values))?);
        }
        Ok(changed)
    }

    fn append(
        &self,
        scope: Scope<'_>,
        at: i64,
        attributes: &str,
        body: &[Value],
    ) -> rusqlite::Result<u64> {
        let values = placed(scope, at, attributes.to_owned(), body.to_vec());
        let sql = self.insertion(self.staged, "resource");
        scope.statement(&sql)?.execute(params_from_iter(values)).map(rows)
    }

    fn insertion(&self, table: &str, name: &str) -> String {
        let columns = self.body.join(", ");
        let marks = ", ?".repeat(self.body.len());
        format!(
            "INSERT INTO {table} (connector_id, {name}, ts, attributes, {columns})
             VALUES (?, ?, ?, ?{marks})"
        )
    }

    /// The rows that readers see, within the window where there is one.
    fn stored(
        &self,
        scope: Scope<'_>,
        window: Option<Window>,
    ) -> rusqlite::Result<Vec<Stored<Key, Content>>> {
        let Table { stored, body, .. } = self;
        let window = window.unwrap_or(Window { start: i64::MIN, end: i64::MAX });
        let sql = format!(
            "SELECT id, ts, attributes, {} FROM {stored}
             WHERE connector_id = ?1 AND name = ?2 AND ts BETWEEN ?3 AND ?4 ORDER BY id",
            body.join(", ")
        );
        scope
            .statement(&sql)?
            .query_map((scope.connector, scope.resource, window.start, window.end), |row| {
                let (at, attributes): (_, String) = (row.get(1)?, row.get(2)?);
                let key = (at, scope.identity(&attributes));
                let body = (3..3 + body.len()).map(|column| row.get(column));
                let value = (attributes, body.collect::<rusqlite::Result<_>>()?);
                Ok(Stored { row: row.get(0)?, key, value })
            })?
            .collect()
    }

    /// Time, attributes and body of the rows that are staged, in their order.
    fn staged(&self, scope: Scope<'_>) -> rusqlite::Result<Vec<(i64, String, Vec<Value>)>> {
        let Table { staged, body, .. } = self;
        let sql = format!(
            "SELECT ts, attributes, {} FROM {staged}
             WHERE connector_id = ?1 AND resource = ?2 ORDER BY row",
            body.join(", ")
        );
        scope
            .statement(&sql)?
            .query_map((scope.connector, scope.resource), |row| {
                let body = (2..2 + body.len()).map(|column| row.get(column));
                Ok((row.get(0)?, row.get(1)?, body.collect::<rusqlite::Result<_>>()?))
            })?
            .collect()
    }
}

fn placed(
    scope: Scope<'_>,
    at: i64,
    attributes: String,
    body: Vec<Value>,
) -> impl Iterator<Item = Value> {
    let place = [
        Value::Text(scope.connector.to_owned()),
        Value::Text(scope.resource.to_owned()),
        Value::Integer(at),
        Value::Text(attributes),
    ];
    place.into_iter().chain(body)
}

/// Of rows with one identity the last.
fn last_of_each(
    scope: Scope<'_>,
    rows: impl IntoIterator<Item = TimedRow>,
) -> BTreeMap<Key, Content> {
    let keyed =
        |row: TimedRow| ((row.at, scope.identity(&row.attributes)), (row.attributes, row.body));
    rows.into_iter().map(keyed).collect()
}
