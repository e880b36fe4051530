//! Events: each is stored once, identified by its source's id.

use rusqlite::{Row, ToSql, params_from_iter};

use super::scope::{Scope, rows};
use super::staging;
use super::write_error::WriteError;
use rawdash_host::contract::{Event, Publication, Window};
use rawdash_host::storage::{Changed, StorageError};
use rawdash_schema::events::{
    ADD, ADOPT, COUNT, COUNT_OUTSIDE, COUNT_STAGED, HAS_STRANGERS, PUBLISH, REMOVE, REMOVE_STAGED,
    REMOVE_UNSTAGED, REMOVE_WINDOW, RESTAGE, STAGE, UPSERT, id_list, ids,
};
use rawdash_schema::insertion::Insertion;

/// Adds the events, or puts them in the place of those with the same id, also
/// where these are staged. An event that is the same already is not written.
pub(super) fn merge(scope: Scope<'_>, events: &[Event]) -> rusqlite::Result<Changed> {
    let changed = upsert(scope, events)?;
    if staging::staged(scope)?.is_some() {
        scope.statement(RESTAGE)?.execute((scope.connector, scope.resource, ids(events)))?;
    }
    Ok(changed)
}

/// Events of one statement. SQLite writes the counter behind `AUTOINCREMENT` once a
/// statement, which costs as much as the index of ids does.
const TOGETHER: usize = 25;

fn upsert(scope: Scope<'_>, events: &[Event]) -> rusqlite::Result<Changed> {
    let mut changed = Changed::default();
    let together = events.chunks_exact(TOGETHER);
    let rest = together.remainder();
    for events in together {
        let added = add(scope, events)?;
        changed.written += added;
        if added < rows(events.len()) {
            changed.written += insert_each(UPSERT, scope, events)?;
        }
    }
    changed.written += insert_each(UPSERT, scope, rest)?;
    Ok(changed)
}

/// Adds those that are not stored.
fn add(scope: Scope<'_>, events: &[Event]) -> rusqlite::Result<u64> {
    let mut add = scope.statement(&ADD.sql(events.len()))?;
    let place: [&dyn ToSql; 2] = [&scope.connector, &scope.resource];
    let values = events.iter().flat_map(|event| {
        let Event { id, start, end, attributes } = event;
        [id as &dyn ToSql, start, end, attributes]
    });
    add.execute(params_from_iter(place.into_iter().chain(values))).map(rows)
}

/// Inserts one after the other.
fn insert_each(insertion: Insertion, scope: Scope<'_>, events: &[Event]) -> rusqlite::Result<u64> {
    let mut insert = scope.statement(&insertion.sql(1))?;
    let mut written = 0;
    for event in events {
        written += rows(insert.execute((
            scope.connector,
            scope.resource,
            &event.id,
            event.start,
            event.end,
            &event.attributes,
        ))?);
    }
    Ok(written)
}

/// Removes events from what is stored and from what is staged. `removed` counts
/// those that were stored.
pub(super) fn remove(scope: Scope<'_>, ids: &[String]) -> rusqlite::Result<Changed> {
    let ids = id_list(ids.iter().map(String::as_str));
    let removed = scope.statement(REMOVE)?.execute((scope.connector, scope.resource, &ids))?;
    if staging::staged(scope)?.is_some() {
        scope.statement(REMOVE_STAGED)?.execute((scope.connector, scope.resource, &ids))?;
    }
    Ok(Changed { written: 0, removed: rows(removed) })
}

/// Replaces the events that start within the window.
pub(super) fn replace_window(
    scope: Scope<'_>,
    window: Window,
    events: &[Event],
) -> rusqlite::Result<Changed> {
    let removed = scope.statement(REMOVE_WINDOW)?.execute((
        scope.connector,
        scope.resource,
        window.start,
        window.end,
        ids(events),
    ))?;
    let Changed { written, .. } = upsert(scope, events)?;
    Ok(Changed { written, removed: rows(removed) })
}

/// Keeps events aside under a generation.
pub(super) fn stage(
    scope: Scope<'_>,
    generation: u64,
    events: &[Event],
) -> rusqlite::Result<Changed> {
    staging::begin(scope, generation)?;
    Ok(Changed { written: insert_each(STAGE, scope, events)?, removed: 0 })
}

/// Replaces what is stored, or what starts within the publication's window, by
/// what is staged, and these events. Counts what changes in readers' sight.
pub(super) fn publish(
    scope: Scope<'_>,
    publication: &Publication,
    events: &[Event],
) -> Result<Changed, WriteError> {
    stage(scope, publication.generation, events)?;
    let window = publication.scope.unwrap_or(Window { start: i64::MIN, end: i64::MAX });
    let place = (scope.connector, scope.resource, window.start, window.end);
    let number = |sql: &str| -> rusqlite::Result<u64> {
        let count = |row: &Row<'_>| row.get::<_, i64>(0).map(i64::unsigned_abs);
        scope.statement(sql)?.query_row(place, count)
    };
    let stored = number(COUNT)?;
    if number(COUNT_OUTSIDE)? > 0 {
        let resource = scope.resource.to_owned();
        return Err(StorageError::StagedOutside { resource }.into());
    }
    staging::check_empty(scope, publication, stored, scope.number(COUNT_STAGED)?)?;
    let removed = scope.statement(REMOVE_UNSTAGED)?.execute(place)?;
    let written = scope.execute(PUBLISH)?;
    staging::clear(scope)?;
    Ok(Changed { written, removed: rows(removed) })
}

/// Gives events that another program stored their identity.
pub(super) fn adopt(scope: Scope<'_>) -> rusqlite::Result<()> {
    if scope.number(HAS_STRANGERS)? == 0 {
        return Ok(());
    }
    ADOPT.iter().try_for_each(|sql| scope.execute(sql).map(drop))
}
