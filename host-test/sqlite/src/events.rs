//! Events: each is stored once, identified by its source's id.

use rusqlite::{Row, ToSql, params_from_iter};
use serde_json::Value;

use super::scope::{Scope, rows};
use super::staging;
use super::write_error::WriteError;
use rawdash_host::contract::{Event, Publication, Window};
use rawdash_host::storage::{Changed, StorageError};

/// Adds the events, or puts them in the place of those with the same id, also
/// where these are staged. An event that is the same already is not written.
pub(super) fn merge(scope: Scope<'_>, events: &[Event]) -> rusqlite::Result<Changed> {
    let changed = upsert(scope, events)?;
    if staging::staged(scope)?.is_some() {
        scope
            .statement(
                "INSERT INTO host_staged_events
                     (connector_id, resource, event_id, start_ts, end_ts, attributes)
                 SELECT connector_id, name, event_id, start_ts, end_ts, attributes FROM events
                 WHERE connector_id = ?1 AND name = ?2
                     AND event_id IN (SELECT value FROM json_each(?3))
                     AND event_id IN (SELECT event_id FROM host_staged_events
                                      WHERE connector_id = ?1 AND resource = ?2)",
            )?
            .execute((scope.connector, scope.resource, ids(events)))?;
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
            changed.written += upsert_each(scope, events)?;
        }
    }
    changed.written += upsert_each(scope, rest)?;
    Ok(changed)
}

/// Adds those that are not stored.
///
/// `OR IGNORE` and not `DO UPDATE`, for which SQLite would copy each page of random ids
/// before it changes it, so as to undo a part of the statement.
fn add(scope: Scope<'_>, events: &[Event]) -> rusqlite::Result<u64> {
    let places = vec!["(?1, ?2, ?, ?, ?, ?)"; events.len()].join(", ");
    let mut add = scope.statement(&format!(
        "INSERT OR IGNORE INTO events (connector_id, name, event_id, start_ts, end_ts, attributes)
         VALUES {places}"
    ))?;
    let place: [&dyn ToSql; 2] = [&scope.connector, &scope.resource];
    let values = events.iter().flat_map(|event| {
        let Event { id, start, end, attributes } = event;
        [id as &dyn ToSql, start, end, attributes]
    });
    add.execute(params_from_iter(place.into_iter().chain(values))).map(rows)
}

/// Adds or replaces one after the other.
fn upsert_each(scope: Scope<'_>, events: &[Event]) -> rusqlite::Result<u64> {
    let mut upsert = scope.statement(
        "INSERT INTO events (connector_id, name, event_id, start_ts, end_ts, attributes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (connector_id, name, event_id) WHERE event_id IS NOT NULL DO UPDATE
         SET start_ts = excluded.start_ts, end_ts = excluded.end_ts,
             attributes = excluded.attributes
         WHERE start_ts <> excluded.start_ts OR end_ts IS NOT excluded.end_ts
             OR attributes <> excluded.attributes",
    )?;
    let mut written = 0;
    for event in events {
        written += rows(upsert.execute((
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

fn ids(events: &[Event]) -> String {
    Value::Array(events.iter().map(|event| event.id.as_str().into()).collect()).to_string()
}

/// Removes events from what is stored and from what is staged. `removed` counts
/// those that were stored.
pub(super) fn remove(scope: Scope<'_>, ids: &[String]) -> rusqlite::Result<Changed> {
    let ids = Value::Array(ids.iter().map(|id| id.as_str().into()).collect()).to_string();
    let removed = scope
        .statement(
            "DELETE FROM events WHERE connector_id = ?1 AND name = ?2
                 AND event_id IN (SELECT value FROM json_each(?3))",
        )?
        .execute((scope.connector, scope.resource, &ids))?;
    if staging::staged(scope)?.is_some() {
        scope
            .statement(
                "DELETE FROM host_staged_events WHERE connector_id = ?1 AND resource = ?2
                     AND event_id IN (SELECT value FROM json_each(?3))",
            )?
            .execute((scope.connector, scope.resource, &ids))?;
    }
    Ok(Changed { written: 0, removed: rows(removed) })
}

/// Replaces the events that start within the window.
pub(super) fn replace_window(
    scope: Scope<'_>,
    window: Window,
    events: &[Event],
) -> rusqlite::Result<Changed> {
    let removed = scope
        .statement(
            "DELETE FROM events WHERE connector_id = ?1 AND name = ?2
                 AND start_ts BETWEEN ?3 AND ?4
                 AND (event_id IS NULL OR event_id NOT IN (SELECT value FROM json_each(?5)))",
        )?
        .execute((scope.connector, scope.resource, window.start, window.end, ids(events)))?;
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
    let mut append = scope.statement(
        "INSERT INTO host_staged_events
             (connector_id, resource, event_id, start_ts, end_ts, attributes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let mut changed = Changed::default();
    for event in events {
        changed.written += rows(append.execute((
            scope.connector,
            scope.resource,
            &event.id,
            event.start,
            event.end,
            &event.attributes,
        ))?);
    }
    Ok(changed)
}

/// The last version of each staged event.
const LAST_STAGED: &str = "SELECT max(row) FROM host_staged_events
    WHERE connector_id = ?1 AND resource = ?2 GROUP BY event_id";

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
    let stored = number(
        "SELECT count(*) FROM events
         WHERE connector_id = ?1 AND name = ?2 AND start_ts BETWEEN ?3 AND ?4",
    )?;
    let outside = number(&format!(
        "SELECT count(*) FROM host_staged_events
         WHERE row IN ({LAST_STAGED}) AND start_ts NOT BETWEEN ?3 AND ?4"
    ))?;
    if outside > 0 {
        let resource = scope.resource.to_owned();
        return Err(StorageError::StagedOutside { resource }.into());
    }
    let staged = scope.number(
        "SELECT count(*) FROM host_staged_events WHERE connector_id = ?1 AND resource = ?2",
    )?;
    staging::check_empty(scope, publication, stored, staged)?;
    let removed = scope
        .statement(
            "DELETE FROM events WHERE connector_id = ?1 AND name = ?2
                 AND start_ts BETWEEN ?3 AND ?4
                 AND (event_id IS NULL OR event_id NOT IN (
                     SELECT event_id FROM host_staged_events
                     WHERE connector_id = ?1 AND resource = ?2))",
        )?
        .execute(place)?;
    let written = scope.execute(&format!(
        "INSERT INTO events (connector_id, name, event_id, start_ts, end_ts, attributes)
         SELECT connector_id, resource, event_id, start_ts, end_ts, attributes
         FROM host_staged_events WHERE row IN ({LAST_STAGED})
         ON CONFLICT (connector_id, name, event_id) WHERE event_id IS NOT NULL DO UPDATE
         SET start_ts = excluded.start_ts, end_ts = excluded.end_ts,
             attributes = excluded.attributes
         WHERE start_ts <> excluded.start_ts OR end_ts IS NOT excluded.end_ts
             OR attributes <> excluded.attributes"
    ))?;
    staging::clear(scope)?;
    Ok(Changed { written, removed: rows(removed) })
}

/// Gives events that another program stored without identity the one that
/// stands in their attributes, so that they are not stored a second time.
///
/// rawdash repeats a page whose write failed, so the same event may be stored more
/// than once. Of rows with the same identity and time, the first stays; the others
/// are the same event again and would be counted twice. A row without an identity
/// in its attributes, or with the same identity at another time, stays as it is, so
/// no event is lost.
///
/// Costs nothing if there is no such row, because `events_without_id` is empty.
pub(super) fn adopt(scope: Scope<'_>) -> rusqlite::Result<()> {
    let strangers = scope.number(
        "SELECT EXISTS (SELECT 1 FROM events
                        WHERE connector_id = ?1 AND name = ?2 AND event_id IS NULL)",
    )?;
    if strangers == 0 {
        return Ok(());
    }
    scope.transaction.execute_batch(
        "CREATE TEMP TABLE IF NOT EXISTS strangers (
             id INTEGER PRIMARY KEY,
             event_id TEXT NOT NULL,
             start_ts INTEGER NOT NULL
         );
         DELETE FROM strangers;",
    )?;
    scope.execute(
        "INSERT INTO strangers (id, event_id, start_ts)
         SELECT id, found, start_ts FROM (
             SELECT id, start_ts, CASE WHEN json_valid(attributes) THEN
                 CASE json_type(attributes, '$.logId')
                     WHEN 'text' THEN nullif(attributes ->> '$.logId', '')
                     WHEN 'integer' THEN CAST(attributes ->> '$.logId' AS TEXT)
                 END
             END AS found
             FROM events WHERE connector_id = ?1 AND name = ?2 AND event_id IS NULL
         ) WHERE found IS NOT NULL",
    )?;
    scope.transaction.execute_batch(
        "DELETE FROM events WHERE id IN (
             SELECT id FROM (
                 SELECT id, row_number() OVER (PARTITION BY event_id, start_ts ORDER BY id) AS nth
                 FROM strangers
             ) WHERE nth > 1
         )",
    )?;
    scope.execute(
        "DELETE FROM events WHERE id IN (
             SELECT strangers.id FROM strangers JOIN events AS known
             ON known.connector_id = ?1 AND known.name = ?2
                AND known.event_id = strangers.event_id AND known.start_ts = strangers.start_ts
         )",
    )?;
    scope.transaction.execute_batch(
        "UPDATE OR IGNORE events SET event_id = strangers.event_id
             FROM strangers WHERE strangers.id = events.id;
         DELETE FROM strangers;",
    )
}
