//! Events: each is stored once, identified by its source's id.

use rawdash_host::contract::Event;
use serde_json::Value;

use crate::insertion::Insertion;

/// Adds events or replaces those with the same id: id, start, end, attributes. An event
/// that is the same already is not written.
pub const UPSERT: Insertion = Insertion {
    into: "INSERT INTO events (connector_id, name, event_id, start_ts, end_ts, attributes)",
    columns: 4,
    conflict: "ON CONFLICT (connector_id, name, event_id) WHERE event_id IS NOT NULL DO UPDATE
         SET start_ts = excluded.start_ts, end_ts = excluded.end_ts,
             attributes = excluded.attributes
         WHERE start_ts <> excluded.start_ts OR end_ts IS NOT excluded.end_ts
             OR attributes <> excluded.attributes",
};

/// Adds those that are not stored.
///
/// `OR IGNORE` and not `DO UPDATE`, for which SQLite would copy each page of random ids
/// before it changes it, so as to undo a part of the statement.
pub const ADD: Insertion = Insertion {
    into: "INSERT OR IGNORE INTO events
         (connector_id, name, event_id, start_ts, end_ts, attributes)",
    columns: 4,
    conflict: "",
};

/// Stages events: id, start, end, attributes.
pub const STAGE: Insertion = Insertion {
    into: "INSERT INTO host_staged_events
         (connector_id, resource, event_id, start_ts, end_ts, attributes)",
    columns: 4,
    conflict: "",
};

/// Stages what is stored of the events in the JSON list `?3`, where they are staged
/// already.
pub const RESTAGE: &str = "INSERT INTO host_staged_events
         (connector_id, resource, event_id, start_ts, end_ts, attributes)
     SELECT connector_id, name, event_id, start_ts, end_ts, attributes FROM events
     WHERE connector_id = ?1 AND name = ?2
         AND event_id IN (SELECT value FROM json_each(?3))
         AND event_id IN (SELECT event_id FROM host_staged_events
                          WHERE connector_id = ?1 AND resource = ?2)";

/// Removes the events in the JSON list `?3`.
pub const REMOVE: &str = "DELETE FROM events WHERE connector_id = ?1 AND name = ?2
     AND event_id IN (SELECT value FROM json_each(?3))";

/// Removes the staged events in the JSON list `?3`.
pub const REMOVE_STAGED: &str =
    "DELETE FROM host_staged_events WHERE connector_id = ?1 AND resource = ?2
     AND event_id IN (SELECT value FROM json_each(?3))";

/// Removes the events that start from `?3` to `?4`, except those in the JSON list `?5`.
pub const REMOVE_WINDOW: &str = "DELETE FROM events WHERE connector_id = ?1 AND name = ?2
     AND start_ts BETWEEN ?3 AND ?4
     AND (event_id IS NULL OR event_id NOT IN (SELECT value FROM json_each(?5)))";

/// How many start from `?3` to `?4`.
pub const COUNT: &str = "SELECT count(*) FROM events
     WHERE connector_id = ?1 AND name = ?2 AND start_ts BETWEEN ?3 AND ?4";

/// How many are staged.
pub const COUNT_STAGED: &str =
    "SELECT count(*) FROM host_staged_events WHERE connector_id = ?1 AND resource = ?2";

/// How many of those that are staged do not start from `?3` to `?4`, each in its last
/// version.
pub const COUNT_OUTSIDE: &str = "SELECT count(*) FROM host_staged_events
     WHERE row IN (SELECT max(row) FROM host_staged_events
                   WHERE connector_id = ?1 AND resource = ?2 GROUP BY event_id)
         AND start_ts NOT BETWEEN ?3 AND ?4";

/// Removes what starts from `?3` to `?4` and is not staged.
pub const REMOVE_UNSTAGED: &str = "DELETE FROM events WHERE connector_id = ?1 AND name = ?2
     AND start_ts BETWEEN ?3 AND ?4
     AND (event_id IS NULL OR event_id NOT IN (
         SELECT event_id FROM host_staged_events
         WHERE connector_id = ?1 AND resource = ?2))";

/// Stores the last version of each staged event.
pub const PUBLISH: &str =
    "INSERT INTO events (connector_id, name, event_id, start_ts, end_ts, attributes)
     SELECT connector_id, resource, event_id, start_ts, end_ts, attributes
     FROM host_staged_events
     WHERE row IN (SELECT max(row) FROM host_staged_events
                   WHERE connector_id = ?1 AND resource = ?2 GROUP BY event_id)
     ON CONFLICT (connector_id, name, event_id) WHERE event_id IS NOT NULL DO UPDATE
     SET start_ts = excluded.start_ts, end_ts = excluded.end_ts,
         attributes = excluded.attributes
     WHERE start_ts <> excluded.start_ts OR end_ts IS NOT excluded.end_ts
         OR attributes <> excluded.attributes";

/// Whether another program stored events without identity.
pub const HAS_STRANGERS: &str = "SELECT EXISTS (SELECT 1 FROM events
     WHERE connector_id = ?1 AND name = ?2 AND event_id IS NULL)";

/// A query of the events without identity, with the one that stands in their
/// attributes, for the statements in [`ADOPT`].
macro_rules! strangers {
    () => {
        "(SELECT id, found AS event_id, start_ts FROM (
             SELECT id, start_ts, CASE WHEN json_valid(attributes) THEN
                 CASE json_type(attributes, '$.logId')
                     WHEN 'text' THEN nullif(attributes ->> '$.logId', '')
                     WHEN 'integer' THEN CAST(attributes ->> '$.logId' AS TEXT)
                 END
             END AS found
             FROM events WHERE connector_id = ?1 AND name = ?2 AND event_id IS NULL
         ) WHERE found IS NOT NULL)"
    };
}

/// Gives events that another program stored without identity the one that stands in
/// their attributes, so that they are not stored a second time.
///
/// rawdash repeats a page whose write failed, so the same event may be stored more
/// than once. Of rows with the same identity and time, the first stays; the others
/// are the same event again and would be counted twice. A row without an identity
/// in its attributes, or with the same identity at another time, stays as it is, so
/// no event is lost.
///
/// Costs little if there is no such row, because the index `events_without_id` is empty.
pub const ADOPT: [&str; 3] = [
    concat!(
        "DELETE FROM events WHERE id IN (
             SELECT id FROM (
                 SELECT id, row_number() OVER (PARTITION BY event_id, start_ts ORDER BY id) AS nth
                 FROM ",
        strangers!(),
        ") WHERE nth > 1)"
    ),
    concat!(
        "DELETE FROM events WHERE id IN (
             SELECT strangers.id FROM ",
        strangers!(),
        " AS strangers JOIN events AS known
             ON known.connector_id = ?1 AND known.name = ?2
                AND known.event_id = strangers.event_id AND known.start_ts = strangers.start_ts)"
    ),
    concat!(
        "UPDATE OR IGNORE events SET event_id = strangers.event_id FROM ",
        strangers!(),
        " AS strangers WHERE strangers.id = events.id"
    ),
];

/// The ids of the events, as a JSON list.
pub fn ids(events: &[Event]) -> String {
    id_list(events.iter().map(|event| event.id.as_str()))
}

/// The ids as a JSON list.
pub fn id_list<'a>(ids: impl IntoIterator<Item = &'a str>) -> String {
    Value::Array(ids.into_iter().map(Value::from).collect()).to_string()
}
