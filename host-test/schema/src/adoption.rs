//! Events that another program stored without an identity.

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
