//! Samples and distributions. Their rows are compared in memory, so each batch reads the
//! stored ones first.

use rawdash_host::contract::{Publication, Window};
use rawdash_host::storage::StorageError;
use rawdash_schema::difference::{Difference, Stored, difference};
use rawdash_schema::staging::check_empty;
use rawdash_schema::timed::{Cell, Changes, Content, Key, Table, TimedRow, identity, last_of_each};

use crate::hrana::{Statement, Value};
use crate::link::Trouble;
use crate::scope::Scope;
use crate::staging;
use crate::tally::Tally;
use crate::transaction::Ticket;

/// Puts each row in the place of the one with the same identity, also where
/// that is staged.
pub(crate) async fn merge(
    table: Table,
    scope: &mut Scope<'_, '_>,
    merged: Vec<TimedRow>,
) -> Result<Tally, Trouble> {
    let wanted = last_of_each(scope.dimensions, merged);
    let (Some(first), Some(last)) = (wanted.keys().next(), wanted.keys().next_back()) else {
        return Ok(Tally::default());
    };
    let span = Window { start: first.0, end: last.0 };
    let mut found = stored(table, scope, Some(span)).await?;
    found.retain(|row| wanted.contains_key(&row.key));
    if scope.is_staged() {
        for row in staged(table, scope).await? {
            let key = (row.at, identity(scope.dimensions, &row.attributes));
            if let Some((attributes, body)) = wanted.get(&key) {
                insert(&table.insert_staged(), scope, row.at, attributes, body).await?;
            }
        }
    }
    apply(table, scope, difference(found, wanted)).await
}

/// Replaces the rows of the window.
pub(crate) async fn replace_window(
    table: Table,
    scope: &mut Scope<'_, '_>,
    window: Window,
    replacing: Vec<TimedRow>,
) -> Result<Tally, Trouble> {
    let found = stored(table, scope, Some(window)).await?;
    let wanted = last_of_each(scope.dimensions, replacing);
    apply(table, scope, difference(found, wanted)).await
}

/// Keeps rows aside under a generation.
pub(crate) async fn stage(
    table: Table,
    scope: &mut Scope<'_, '_>,
    generation: u64,
    rows: &[TimedRow],
) -> Result<Tally, Trouble> {
    staging::begin(scope, generation).await?;
    let mut written = Vec::new();
    let sql = table.insert_staged();
    for row in rows {
        written.push(insert(&sql, scope, row.at, &row.attributes, &row.body).await?);
    }
    Ok(Tally::written(written))
}

/// Replaces what is stored by what is staged, and these rows.
pub(crate) async fn publish(
    table: Table,
    scope: &mut Scope<'_, '_>,
    publication: &Publication,
    last: &[TimedRow],
) -> Result<Tally, Trouble> {
    stage(table, scope, publication.generation, last).await?;
    let wanted = last_of_each(scope.dimensions, staged(table, scope).await?);
    let found = stored(table, scope, publication.scope).await?;
    let outside =
        |window: Window| wanted.keys().any(|(at, _)| !(window.start..=window.end).contains(at));
    if publication.scope.is_some_and(outside) {
        let resource = scope.resource.to_owned();
        return Err(Trouble::Refused(StorageError::StagedOutside { resource }));
    }
    let (stored, staged) = (found.len() as u64, wanted.len() as u64);
    check_empty(scope.resource, publication, stored, staged).map_err(Trouble::Refused)?;
    let tally = apply(table, scope, difference(found, wanted)).await?;
    staging::clear(scope).await?;
    Ok(tally)
}

async fn apply(
    table: Table,
    scope: &mut Scope<'_, '_>,
    changes: Changes,
) -> Result<Tally, Trouble> {
    let Difference { insert: new, update, delete } = changes;
    let mut tally = Tally::default();
    let sql = table.delete();
    for row in delete {
        let statement = Statement::new(sql.as_str(), vec![row.into()]);
        tally.removed.push(scope.transaction.push(statement).await?);
    }
    let sql = table.update();
    for (row, (attributes, body)) in update {
        let values = [attributes.into()].into_iter().chain(body.iter().map(value));
        let values = values.chain([row.into()]).collect();
        let statement = Statement::new(sql.as_str(), values);
        tally.written.push(scope.transaction.push(statement).await?);
    }
    let sql = table.insert_stored();
    for ((at, _), (attributes, body)) in new {
        tally.written.push(insert(&sql, scope, at, &attributes, &body).await?);
    }
    Ok(tally)
}

async fn insert(
    sql: &str,
    scope: &mut Scope<'_, '_>,
    at: i64,
    attributes: &str,
    body: &[Cell],
) -> Result<Ticket, Trouble> {
    let further = [at.into(), attributes.into()].into_iter().chain(body.iter().map(value));
    scope.push(sql, further.collect()).await
}

/// The rows that readers see, within the window where there is one.
async fn stored(
    table: Table,
    scope: &mut Scope<'_, '_>,
    window: Option<Window>,
) -> Result<Vec<Stored<Key, Content>>, Trouble> {
    let window = window.unwrap_or(Window { start: i64::MIN, end: i64::MAX });
    let further = vec![window.start.into(), window.end.into()];
    let found = scope.read(table.select_stored(), further).await?;
    let row = |columns: Vec<Value>| {
        let mut columns = columns.into_iter();
        let number = columns.next()?.integer()?;
        let TimedRow { at, attributes, body } = timed(columns)?;
        let key = (at, identity(scope.dimensions, &attributes));
        Some(Stored { row: number, key, value: (attributes, body) })
    };
    found.rows.into_iter().map(row).collect::<Option<_>>().ok_or_else(unreadable)
}

/// The rows that are staged, in their order.
async fn staged(table: Table, scope: &mut Scope<'_, '_>) -> Result<Vec<TimedRow>, Trouble> {
    let found = scope.read(table.select_staged(), Vec::new()).await?;
    let rows = found.rows.into_iter().map(|columns| timed(columns.into_iter()));
    rows.collect::<Option<_>>().ok_or_else(unreadable)
}

/// Time, attributes and body.
fn timed(mut columns: impl Iterator<Item = Value>) -> Option<TimedRow> {
    let at = columns.next()?.integer()?;
    let attributes = columns.next()?.text()?.to_owned();
    let cell = |value| match value {
        Value::Float { value } => Some(Cell::Real(value)),
        Value::Text { value } => Some(Cell::Text(value)),
        Value::Integer { .. } | Value::Null | Value::Blob { .. } => None,
    };
    Some(TimedRow { at, attributes, body: columns.map(cell).collect::<Option<_>>()? })
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Text(text) => text.into(),
        Cell::Real(number) => (*number).into(),
    }
}

fn unreadable() -> Trouble {
    let clause = "has a sample or a distribution of another type than rawdash stores: restore it \
                  from a backup";
    Trouble::Lasting(clause.to_owned())
}
