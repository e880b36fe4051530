//! What the tests share: batches, and databases in a temporary directory.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tempfile::TempDir;

use crate::{Database, OpenError};
use rawdash_host::contract::{Batch, Effect, Entity, Event, Publication, Records};
use rawdash_host::storage::Changed;
use rawdash_schema::tables::{RAWDASH, RAWDASH_TAGS};
pub(crate) use rawdash_schema::testing::batch;

pub(crate) fn event(id: &str, start: i64) -> Event {
    Event { id: id.to_owned(), start, end: None, attributes: format!(r#"{{"logId":"{id}"}}"#) }
}

pub(crate) fn events(rows: &[(&str, i64)]) -> Batch {
    let rows = rows.iter().map(|(id, start)| event(id, *start)).collect();
    batch("login", Effect::Merge, Records::Events(rows))
}

/// Replaces all that is stored.
pub(crate) fn publish(generation: u64) -> Effect {
    Effect::Publish(Publication { generation, scope: None, empty_is_true: false })
}

pub(crate) fn users(effect: Effect, rows: &[(&str, i64)]) -> Batch {
    let rows = rows
        .iter()
        .map(|(id, updated_at)| Entity {
            id: (*id).to_owned(),
            updated_at: *updated_at,
            attributes: format!(r#"{{"version":{updated_at}}}"#),
        })
        .collect();
    batch("user", effect, Records::Entities(rows))
}

/// Where the database is.
pub(crate) fn path(directory: &TempDir) -> PathBuf {
    directory.path().join("rawdash.db")
}

pub(crate) fn open(directory: &TempDir, connector: &str) -> Database {
    Database::open(&path(directory), connector).unwrap()
}

pub(crate) fn reader(directory: &TempDir) -> Connection {
    Connection::open(path(directory)).unwrap()
}

pub(crate) fn strings(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

pub(crate) fn number(connection: &Connection, sql: &str) -> i64 {
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

pub(crate) fn changed(written: u64, removed: u64) -> Vec<Changed> {
    vec![Changed { written, removed }]
}

/// A file as rawdash's own server creates it.
pub(crate) fn made_by_rawdash(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch(RAWDASH).unwrap();
    for tag in RAWDASH_TAGS {
        connection.execute("INSERT INTO schema_migrations VALUES (?1, 1)", [tag]).unwrap();
    }
    connection
}

pub(crate) fn message(error: OpenError) -> String {
    match error {
        OpenError::Locked { message } | OpenError::Unavailable { message } => message,
        OpenError::Busy { .. } => panic!("busy: {error}"),
    }
}
