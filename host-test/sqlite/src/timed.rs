//! Samples and distributions, compared with what is stored.

use rusqlite::{Row, params_from_iter};

use super::cells::{Bound, Column};
use super::scope::{Scope, count};
use super::write_error::WriteError;
use rawdash_host::contract::Window;
use rawdash_host::storage::Changed;
use rawdash_schema::comparison::{Changes, Comparison};
use rawdash_schema::timed::{Table, TimedRow};

/// Changes the rows that differ.
pub(super) fn compare(
    scope: Scope<'_>,
    table: Table,
    comparison: Comparison<'_>,
    changed: &mut Changed,
) -> Result<(), WriteError> {
    let found = stored(scope, table, comparison.window())?;
    let aside = if comparison.needs_staged() { staged(scope, table)? } else { Vec::new() };
    let Changes { restage, delete, update, insert } =
        comparison.compare(scope.resource, scope.dimensions, found, aside)?;
    scope.insert(table.stage, &restage)?;
    let mut statement = scope.statement(&table.delete())?;
    for number in delete {
        changed.removed += count(statement.execute([number])?);
    }
    let mut statement = scope.statement(&table.update())?;
    for cells in update {
        changed.written += count(statement.execute(params_from_iter(cells.iter().map(Bound)))?);
    }
    changed.written += scope.insert(table.insert, &insert)?;
    Ok(())
}

/// The rows of the window that readers see, with their numbers.
fn stored(
    scope: Scope<'_>,
    table: Table,
    window: Window,
) -> rusqlite::Result<Vec<(i64, TimedRow)>> {
    scope
        .statement(&table.select_stored())?
        .query_map((scope.connector, scope.resource, window.start, window.end), |row| {
            Ok((row.get(0)?, timed_row(row, 1)?))
        })?
        .collect()
}

/// The rows that are staged, in their order.
fn staged(scope: Scope<'_>, table: Table) -> rusqlite::Result<Vec<TimedRow>> {
    scope
        .statement(&table.select_staged())?
        .query_map((scope.connector, scope.resource), |row| timed_row(row, 0))?
        .collect()
}

/// Time, attributes and body from a column on.
fn timed_row(row: &Row<'_>, first: usize) -> rusqlite::Result<TimedRow> {
    let body = first + 2..row.as_ref().column_count();
    let body = body.map(|column| row.get(column).map(|Column(cell)| cell));
    let (at, attributes) = (row.get(first)?, row.get(first + 1)?);
    Ok(TimedRow { at, attributes, body: body.collect::<rusqlite::Result<_>>()? })
}
