//! The file: which is used, which is refused.

use std::fs;

use rusqlite::Connection;
use tempfile::TempDir;

use super::fixture::{made_by_rawdash, message, number, open, path, reader, strings};
use crate::Database;
use rawdash_schema::tables::{ADDED_VERSION, RAWDASH_TAGS};

#[test]
fn a_new_file_has_everything_that_rawdashs_migrations_would_create() {
    let directory = TempDir::new().unwrap();
    drop(open(&directory, "auth0"));
    let reader = reader(&directory);
    assert_eq!(strings(&reader, "SELECT tag FROM schema_migrations ORDER BY tag"), RAWDASH_TAGS);
    assert_eq!(strings(&reader, "SELECT id || status FROM sync_state"), ["1idle"]);
    assert_eq!(
        strings(
            &reader,
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'
             AND name NOT LIKE 'host%' ORDER BY name"
        ),
        [
            "connector_sync_state",
            "distributions",
            "edges",
            "entities",
            "events",
            "metrics",
            "rollup_watermarks",
            "rollups",
            "schema_migrations",
            "sync_state",
        ]
    );
}

#[test]
fn a_file_that_rawdash_made_keeps_what_is_in_it() {
    let directory = TempDir::new().unwrap();
    let path = path(&directory);
    let rawdash = made_by_rawdash(&path);
    rawdash.execute_batch("INSERT INTO entities VALUES ('auth0', 'user', 'a', '{}', 1)").unwrap();
    drop(open(&directory, "auth0"));
    drop(open(&directory, "auth0"));
    assert_eq!(number(&rawdash, "SELECT count(*) FROM entities"), 1);
    assert_eq!(number(&rawdash, "SELECT count(*) FROM host_schema"), 1);
}

#[test]
fn a_foreign_file_is_refused_and_left_as_it_is() {
    let directory = TempDir::new().unwrap();
    let path = path(&directory);
    let foreign = Connection::open(&path).unwrap();
    foreign.execute_batch("CREATE TABLE photos (id)").unwrap();
    drop(foreign);
    let before = fs::read(&path).unwrap();
    let said = message(Database::open(&path, "auth0").unwrap_err());
    assert!(said.contains("another program"), "{said}");
    assert_eq!(fs::read(&path).unwrap(), before);

    fs::write(&path, "a shopping list, long enough to be no header ".repeat(40)).unwrap();
    let said = message(Database::open(&path, "auth0").unwrap_err());
    assert!(said.contains("is not an SQLite database"), "{said}");
}

#[test]
fn a_file_of_a_newer_host_or_an_older_rawdash_is_refused_with_the_remedy() {
    let directory = TempDir::new().unwrap();
    let path = path(&directory);
    drop(open(&directory, "auth0"));
    let connection = reader(&directory);
    connection.execute("UPDATE host_schema SET version = ?1", [ADDED_VERSION + 1]).unwrap();
    let said = message(Database::open(&path, "auth0").unwrap_err());
    assert!(said.contains("update rawdash-host"), "{said}");
    connection.execute("UPDATE host_schema SET version = ?1", [ADDED_VERSION - 1]).unwrap();
    let said = message(Database::open(&path, "auth0").unwrap_err());
    assert!(said.contains("unreleased rawdash-host"), "{said}");
    connection.execute_batch("DELETE FROM schema_migrations WHERE tag LIKE '0004%'").unwrap();
    let said = message(Database::open(&path, "auth0").unwrap_err());
    assert!(said.contains("0004_neat_swarm"), "{said}");
    connection
        .execute_batch(
            "INSERT INTO schema_migrations VALUES ('0004_neat_swarm', 1);
             ALTER TABLE metrics RENAME COLUMN ts TO at",
        )
        .unwrap();
    let said = message(Database::open(&path, "auth0").unwrap_err());
    assert!(said.contains("lacks the column metrics.ts"), "{said}");
}

#[test]
fn a_file_without_a_directory_is_refused_in_one_sentence() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("missing").join("rawdash.db");
    let said = message(Database::open(&path, "auth0").unwrap_err());
    assert!(said.contains("check that its directory exists"), "{said}");
}
