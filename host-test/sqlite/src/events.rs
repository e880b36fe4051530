//! Events: each is stored once, identified by its source's id.

use super::scope::{Scope, rows};
use rawdash_host::contract::Event;
use rawdash_host::storage::Changed;

/// Adds the events that are not stored yet.
pub(super) fn merge(scope: Scope<'_>, events: &[Event]) -> rusqlite::Result<Changed> {
    let mut insert = scope.statement(
        "INSERT INTO events (connector_id, name, event_id, start_ts, end_ts, attributes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (connector_id, name, event_id) WHERE event_id IS NOT NULL DO NOTHING",
    )?;
    let mut changed = Changed::default();
    for event in events {
        changed.written += rows(insert.execute((
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

/// Adopts events that rawdash stored without an identity: gives them the one in
/// their attributes, so that they are not stored a second time.
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
