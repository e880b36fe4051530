//! A database as rawdash itself makes it, filled by plain SQL.

use std::path::PathBuf;

use rusqlite::{Connection, Params};
use tempfile::TempDir;
use time::OffsetDateTime;
use time::macros::datetime;

use crate::snapshot::{Found, Numbers, Snapshot};

/// rawdash's tables and indexes, after its migrations.
const RAWDASH: &str = "
CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, connector_id TEXT NOT NULL,
    name TEXT NOT NULL, start_ts INTEGER NOT NULL, end_ts INTEGER,
    attributes TEXT DEFAULT '{}' NOT NULL);
CREATE INDEX events_conn_name_start ON events (connector_id, name, start_ts);
CREATE TABLE entities (connector_id TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL,
    attributes TEXT DEFAULT '{}' NOT NULL, updated_at INTEGER NOT NULL,
    PRIMARY KEY (connector_id, type, id));
CREATE INDEX entities_conn_type ON entities (connector_id, type);
CREATE TABLE metrics (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, connector_id TEXT NOT NULL,
    name TEXT NOT NULL, ts INTEGER NOT NULL, value REAL NOT NULL,
    attributes TEXT DEFAULT '{}' NOT NULL);
CREATE INDEX metrics_conn_name_ts ON metrics (connector_id, name, ts);
CREATE TABLE edges (connector_id TEXT NOT NULL, from_type TEXT NOT NULL, from_id TEXT NOT NULL,
    kind TEXT NOT NULL, to_type TEXT NOT NULL, to_id TEXT NOT NULL,
    attributes TEXT DEFAULT '{}' NOT NULL, updated_at INTEGER NOT NULL,
    PRIMARY KEY (connector_id, from_type, from_id, kind, to_type, to_id));
CREATE INDEX edges_conn_kind ON edges (connector_id, kind);
CREATE INDEX edges_conn_from ON edges (connector_id, from_type, from_id);
CREATE TABLE distributions (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    connector_id TEXT NOT NULL, name TEXT NOT NULL, ts INTEGER NOT NULL, kind TEXT NOT NULL,
    data TEXT NOT NULL, attributes TEXT DEFAULT '{}' NOT NULL);
CREATE INDEX distributions_conn_name_ts ON distributions (connector_id, name, ts);
CREATE TABLE sync_state (id INTEGER PRIMARY KEY NOT NULL, status TEXT NOT NULL, last_sync_at TEXT,
    last_error TEXT, queued_at TEXT, started_at TEXT);
CREATE TABLE connector_sync_state (connector_id TEXT PRIMARY KEY NOT NULL, last_sync_at TEXT,
    last_backfill_at TEXT);
INSERT INTO sync_state (id, status) VALUES (1, 'idle');
";

/// When a test reads.
pub(crate) const NOW: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

/// Hours before that, in Unix milliseconds.
pub(crate) fn hours_ago(hours: i64) -> i64 {
    NOW.unix_timestamp() * 1000 - hours * 3_600_000
}

/// A database in a directory of its own.
pub(crate) struct Fixture {
    pub(crate) connection: Connection,
    directory: TempDir,
}

impl Fixture {
    /// Without a table.
    pub(crate) fn empty() -> Fixture {
        let directory = TempDir::new().unwrap();
        let connection = Connection::open(directory.path().join("rawdash.db")).unwrap();
        Fixture { connection, directory }
    }

    /// With rawdash's tables.
    pub(crate) fn rawdash() -> Fixture {
        let fixture = Fixture::empty();
        fixture.connection.execute_batch(RAWDASH).unwrap();
        fixture
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("rawdash.db")
    }

    pub(crate) fn run(&self, sql: &str, parameters: impl Params) {
        self.connection.execute(sql, parameters).unwrap();
    }

    pub(crate) fn user(&self, id: &str, attributes: &str) {
        self.run(
            "INSERT INTO entities VALUES ('auth0', 'auth0_user', ?1, ?2, ?3)",
            (id, attributes, hours_ago(20)),
        );
    }

    pub(crate) fn login_event(&self, at: i64, attributes: &str) {
        self.run(
            "INSERT INTO events (connector_id, name, start_ts, attributes)
             VALUES ('auth0', 'auth0_login_event', ?1, ?2)",
            (at, attributes),
        );
    }

    pub(crate) fn sample(&self, at: i64, kind: &str, value: f64) {
        self.run(
            "INSERT INTO metrics (connector_id, name, ts, value, attributes)
             VALUES ('auth0', 'auth0_daily_active_users', ?1, ?2, json_object('kind', ?3))",
            (at, value, kind),
        );
    }

    pub(crate) fn snapshot(&self, connector: &str) -> Snapshot {
        crate::read(&self.path(), connector, NOW).unwrap()
    }

    pub(crate) fn numbers(&self) -> Numbers {
        match self.snapshot("auth0").found {
            Found::Connector(numbers) => *numbers,
            found => panic!("{found:?}"),
        }
    }
}
