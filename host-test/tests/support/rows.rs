//! What readers of a database see, row by row, whatever its shape.

use std::path::Path;

use rusqlite::Connection;

/// Every row of rawdash's own tables as JSON, sorted: those of the connector `?1`, or of
/// all where it is null.
pub(crate) const ROWS: &str = "SELECT row FROM (
                 SELECT connector_id, json_array('event', connector_id, name, event_id, start_ts,
                     end_ts, attributes) AS row FROM events
                 UNION ALL
                 SELECT connector_id, json_array('entity', connector_id, type, id, updated_at,
                     attributes) FROM entities
                 UNION ALL
                 SELECT connector_id, json_array('metric', connector_id, name, ts, value,
                     attributes) FROM metrics
                 UNION ALL
                 SELECT connector_id, json_array('edge', connector_id, from_type, from_id, kind,
                     to_type, to_id, updated_at, attributes) FROM edges
                 UNION ALL
                 SELECT connector_id, json_array('distribution', connector_id, name, ts, kind,
                     data, attributes) FROM distributions
             ) WHERE ?1 IS NULL OR connector_id = ?1 ORDER BY row";

/// Every row of rawdash's own tables as JSON, sorted, without the numbers that
/// SQLite gives rows: those of one connector, or of all.
pub(crate) fn rows(path: &Path, connector: Option<&str>) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let mut statement = connection.prepare(ROWS).unwrap();
    let rows = statement.query_map([connector], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}
