//! The rows that readers of a database see, and a comparison of two databases.

use std::path::Path;

use rusqlite::Connection;

/// Every row as one text, its identity first, sorted.
pub(super) fn read(database: &Path) -> rusqlite::Result<Vec<String>> {
    let connection = Connection::open(database)?;
    let mut statement = connection.prepare(
        "SELECT 'event ' || name || ' ' || coalesce(event_id, '') || ': ' || start_ts || ' '
                || coalesce(end_ts, '') || ' ' || attributes FROM events
         UNION ALL
         SELECT 'entity ' || type || ' ' || id || ': ' || updated_at || ' ' || attributes
         FROM entities
         UNION ALL
         SELECT 'sample ' || name || ' ' || ts || ' ' || attributes || ': ' || value FROM metrics
         UNION ALL
         SELECT 'edge ' || kind || ' ' || from_type || ' ' || from_id || ' ' || to_type || ' '
                || to_id || ': ' || updated_at || ' ' || attributes FROM edges
         UNION ALL
         SELECT 'distribution ' || name || ' ' || ts || ' ' || attributes || ': ' || kind || ' '
                || data FROM distributions
         ORDER BY 1",
    )?;
    let rows = statement.query_map([], |row| row.get(0))?;
    rows.collect()
}

/// The latest time of a row, in Unix milliseconds.
pub(super) fn latest(database: &Path) -> rusqlite::Result<Option<i64>> {
    Connection::open(database)?.query_row(
        "SELECT max(at) FROM (
             SELECT max(start_ts) AS at FROM events
             UNION ALL SELECT max(updated_at) FROM entities
             UNION ALL SELECT max(ts) FROM metrics
             UNION ALL SELECT max(updated_at) FROM edges
             UNION ALL SELECT max(ts) FROM distributions)",
        [],
        |row| row.get(0),
    )
}

/// The id and the attributes of each event of a resource.
pub(super) fn events(database: &Path, resource: &str) -> rusqlite::Result<Vec<(String, String)>> {
    pairs(
        database,
        "SELECT coalesce(event_id, ''), attributes FROM events WHERE name = ?1",
        resource,
    )
}

/// The ids of the nodes that each edge of a resource starts at and leads to.
pub(super) fn ends(database: &Path, resource: &str) -> rusqlite::Result<Vec<(String, String)>> {
    pairs(database, "SELECT from_id, to_id FROM edges WHERE kind = ?1", resource)
}

fn pairs(database: &Path, sql: &str, resource: &str) -> rusqlite::Result<Vec<(String, String)>> {
    let connection = Connection::open(database)?;
    let mut statement = connection.prepare(sql)?;
    let pairs = statement.query_map([resource], |row| Ok((row.get(0)?, row.get(1)?)))?;
    pairs.collect()
}

/// The rows without their content.
pub(super) fn identities(rows: &[String]) -> Vec<String> {
    let mut identities: Vec<String> = rows.iter().map(|row| what(row).to_owned()).collect();
    identities.sort_unstable();
    identities
}

/// The rows of all resources but one.
pub(super) fn without(rows: &[String], resource: &str) -> Vec<String> {
    rows.iter().filter(|row| !is_of(row, resource)).cloned().collect()
}

/// The rows of one resource.
pub(super) fn only(rows: &[String], resource: &str) -> Vec<String> {
    rows.iter().filter(|row| is_of(row, resource)).cloned().collect()
}

fn is_of(row: &str, resource: &str) -> bool {
    let named = row.split_once(' ').and_then(|(_, rest)| rest.strip_prefix(resource));
    named.is_some_and(|rest| rest.starts_with([' ', ':']))
}

/// The first row in which two databases differ, in words.
pub(super) fn difference(wanted: &[String], found: &[String]) -> Option<String> {
    let mut pairs = wanted.iter().zip(found);
    let (wanted, found) = match pairs.find(|(wanted, found)| wanted != found) {
        Some((wanted, found)) => (Some(wanted), Some(found)),
        None => (wanted.get(found.len()), found.get(wanted.len())),
    };
    match (wanted, found) {
        (None, None) => None,
        (Some(wanted), Some(found)) if what(wanted) == what(found) => {
            Some(format!("{} differs", what(wanted)))
        }
        (Some(wanted), found) if found.is_none_or(|found| wanted < found) => {
            Some(format!("{} is missing", what(wanted)))
        }
        (_, Some(found)) => Some(format!("{} should not be there", what(found))),
        (Some(wanted), None) => Some(format!("{} is missing", what(wanted))),
    }
}

/// The identity of a row, without its content.
pub(super) fn what(row: &str) -> &str {
    row.split_once(": ").map_or(row, |(what, _)| what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_row_that_differs_is_named() {
        let rows = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        let wanted = rows(&["event a 1: 5", "event a 2: 5"]);
        for (found, expected) in [
            (rows(&["event a 1: 5", "event a 2: 5"]), None),
            (rows(&["event a 1: 5", "event a 2: 6"]), Some("event a 2 differs")),
            (rows(&["event a 1: 5"]), Some("event a 2 is missing")),
            (rows(&["event a 2: 5"]), Some("event a 1 is missing")),
            (
                rows(&["event a 1: 5", "event a 1: 5", "event a 2: 5"]),
                Some("event a 1 should not be there"),
            ),
            (
                rows(&["event a 1: 5", "event a 2: 5", "event b 1: 5"]),
                Some("event b 1 should not be there"),
            ),
        ] {
            assert_eq!(difference(&wanted, &found).as_deref(), expected);
        }
    }
}
