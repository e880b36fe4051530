//! Samples and distributions.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use rusqlite::{Row, ToSql, params_from_iter};

use super::scope::{Scope, rows};
use super::staging;
use super::write_error::WriteError;
use rawdash_host::contract::{Publication, Window};
use rawdash_host::storage::{Changed, StorageError};
use rawdash_schema::difference::{Difference, Stored, difference};
use rawdash_schema::timed::{Cell, Changes, Content, Key, Table, TimedRow, last_of_each};

/// Puts each row in the place of the one with the same identity, also where
/// that is staged: it is newer than the one that was staged.
pub(super) fn merge(
    table: Table,
    scope: Scope<'_>,
    merged: Vec<TimedRow>,
) -> rusqlite::Result<Changed> {
    let wanted = last_of_each(scope.dimensions, merged);
    let (Some(first), Some(last)) = (wanted.keys().next(), wanted.keys().next_back()) else {
        return Ok(Changed::default());
    };
    let span = Window { start: first.0, end: last.0 };
    let mut found = stored(table, scope, Some(span))?;
    found.retain(|row| wanted.contains_key(&row.key));
    if staging::staged(scope)?.is_some() {
        for row in staged(table, scope)? {
            let key = (row.at, scope.identity(&row.attributes));
            if let Some((attributes, body)) = wanted.get(&key) {
                append(table, scope, row.at, attributes, body)?;
            }
        }
    }
    apply(table, scope, difference(found, wanted))
}

/// Replaces the rows of the window.
pub(super) fn replace_window(
    table: Table,
    scope: Scope<'_>,
    window: Window,
    replacing: Vec<TimedRow>,
) -> rusqlite::Result<Changed> {
    let found = stored(table, scope, Some(window))?;
    apply(table, scope, difference(found, last_of_each(scope.dimensions, replacing)))
}

/// Keeps rows aside under a generation.
pub(super) fn stage(
    table: Table,
    scope: Scope<'_>,
    generation: u64,
    rows: &[TimedRow],
) -> rusqlite::Result<Changed> {
    staging::begin(scope, generation)?;
    let mut changed = Changed::default();
    for row in rows {
        changed.written += append(table, scope, row.at, &row.attributes, &row.body)?;
    }
    Ok(changed)
}

/// Replaces what is stored by what is staged, and these rows.
pub(super) fn publish(
    table: Table,
    scope: Scope<'_>,
    publication: &Publication,
    last: &[TimedRow],
) -> Result<Changed, WriteError> {
    stage(table, scope, publication.generation, last)?;
    let wanted = last_of_each(scope.dimensions, staged(table, scope)?);
    let found = stored(table, scope, publication.scope)?;
    let outside =
        |window: Window| wanted.keys().any(|(at, _)| !(window.start..=window.end).contains(at));
    if publication.scope.is_some_and(outside) {
        let resource = scope.resource.to_owned();
        return Err(StorageError::StagedOutside { resource }.into());
    }
    staging::check_empty(scope, publication, rows(found.len()), rows(wanted.len()))?;
    let changed = apply(table, scope, difference(found, wanted))?;
    staging::clear(scope)?;
    Ok(changed)
}

fn apply(table: Table, scope: Scope<'_>, changes: Changes) -> rusqlite::Result<Changed> {
    let Difference { insert, update, delete } = changes;
    let mut changed = Changed::default();
    let mut statement = scope.statement(&table.delete())?;
    for row in delete {
        changed.removed += rows(statement.execute([row])?);
    }
    let mut statement = scope.statement(&table.update())?;
    for (row, (attributes, body)) in update {
        let body: Vec<Bound<'_>> = body.iter().map(Bound).collect();
        let values = [&attributes as &dyn ToSql].into_iter();
        let values = values.chain(body.iter().map(|cell| cell as &dyn ToSql)).chain([&row as _]);
        changed.written += rows(statement.execute(params_from_iter(values))?);
    }
    let sql = table.insert_stored();
    for ((at, _), (attributes, body)) in insert {
        changed.written += insert_one(&sql, scope, at, &attributes, &body)?;
    }
    Ok(changed)
}

fn append(
    table: Table,
    scope: Scope<'_>,
    at: i64,
    attributes: &str,
    body: &[Cell],
) -> rusqlite::Result<u64> {
    insert_one(&table.insert_staged(), scope, at, attributes, body)
}

fn insert_one(
    sql: &str,
    scope: Scope<'_>,
    at: i64,
    attributes: &str,
    body: &[Cell],
) -> rusqlite::Result<u64> {
    let body: Vec<Bound<'_>> = body.iter().map(Bound).collect();
    let place: [&dyn ToSql; 4] = [&scope.connector, &scope.resource, &at, &attributes];
    let values = place.into_iter().chain(body.iter().map(|cell| cell as &dyn ToSql));
    scope.statement(sql)?.execute(params_from_iter(values)).map(rows)
}

/// The rows that readers see, within the window where there is one.
fn stored(
    table: Table,
    scope: Scope<'_>,
    window: Option<Window>,
) -> rusqlite::Result<Vec<Stored<Key, Content>>> {
    let window = window.unwrap_or(Window { start: i64::MIN, end: i64::MAX });
    scope
        .statement(&table.select_stored())?
        .query_map((scope.connector, scope.resource, window.start, window.end), |row| {
            let (at, attributes): (_, String) = (row.get(1)?, row.get(2)?);
            let key = (at, scope.identity(&attributes));
            Ok(Stored { row: row.get(0)?, key, value: (attributes, body(table, row, 3)?) })
        })?
        .collect()
}

/// The rows that are staged, in their order.
fn staged(table: Table, scope: Scope<'_>) -> rusqlite::Result<Vec<TimedRow>> {
    scope
        .statement(&table.select_staged())?
        .query_map((scope.connector, scope.resource), |row| {
            Ok(TimedRow { at: row.get(0)?, attributes: row.get(1)?, body: body(table, row, 2)? })
        })?
        .collect()
}

fn body(table: Table, row: &Row<'_>, first: usize) -> rusqlite::Result<Vec<Cell>> {
    let columns = first..first + table.body.len();
    columns.map(|column| row.get(column).map(|Read(cell)| cell)).collect()
}

/// A cell as a parameter.
struct Bound<'a>(&'a Cell);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self.0 {
            Cell::Text(text) => text.to_sql(),
            Cell::Real(number) => number.to_sql(),
        }
    }
}

/// A cell as a column.
struct Read(Cell);

impl FromSql for Read {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Read> {
        match value {
            ValueRef::Real(number) => Ok(Read(Cell::Real(number))),
            ValueRef::Text(_) => value.as_str().map(|text| Read(Cell::Text(text.to_owned()))),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}
