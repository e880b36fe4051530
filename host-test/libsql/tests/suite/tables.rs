//! What is in a database, and whose it is.

use rawdash_host::storage::Storage;
use rawdash_libsql::Options;
use sqld::Sqld;
use tempfile::TempDir;

use crate::fixture::{EVENTS, PATIENCE, default_server, event, open, server};

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_and_tags_are_those_of_a_file_so_that_rawdash_reads_both() {
    let Some(sqld) = Sqld::start() else { return };
    drop(open(&default_server(&sqld)).await);
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("rawdash.db");
    drop(rawdash_sqlite::Database::open(&path, "auth0").unwrap());
    let tables = "SELECT name || ' ' || sql FROM sqlite_schema
        WHERE name NOT LIKE 'sqlite%' AND name NOT LIKE 'libsql%' AND name <> 'host_fences'";
    for sql in [
        tables,
        "SELECT tag FROM schema_migrations",
        "SELECT id || status FROM sync_state",
        "SELECT version || '' FROM host_schema",
    ] {
        let file = rusqlite::Connection::open(&path).unwrap();
        let mut statement = file.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        let mut rows: Vec<String> = rows.map(Result::unwrap).collect();
        rows.sort();
        assert!(!rows.is_empty());
        let words = |rows: Vec<String>| -> Vec<String> {
            rows.iter().map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
        };
        assert_eq!(words(sqld.strings("default", sql).await), words(rows), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn namespaces_hold_databases_of_their_own_and_a_missing_one_is_reported() {
    let Some(sqld) = Sqld::start() else { return };
    for name in ["one", "two"] {
        sqld.namespace(name).await;
        let mut database = open(&server(&sqld.url(name), PATIENCE)).await;
        database.commit(&[event(name)], name).await.unwrap();
    }
    for name in ["one", "two"] {
        assert_eq!(sqld.strings(name, EVENTS).await, [name]);
    }
    let missing = server(&sqld.url("three"), PATIENCE);
    let said = missing.open("auth0", Options::default()).await.unwrap_err().to_string();
    assert!(said.contains("has no such database") && said.contains("three"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_another_program_is_left_alone() {
    let Some(sqld) = Sqld::start() else { return };
    sqld.strings("default", "CREATE TABLE theirs (a)").await;
    let said =
        default_server(&sqld).open("auth0", Options::default()).await.unwrap_err().to_string();
    assert!(said.contains("belongs to another program"), "{said}");
    let tables = "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'libsql%'";
    assert_eq!(sqld.strings("default", tables).await, ["theirs"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_of_many_megabytes_is_stored_with_its_checkpoint() {
    let Some(sqld) = Sqld::start() else { return };
    let server = default_server(&sqld);
    let mut database = open(&server).await;
    let mut many: Vec<_> = (0..5000).map(|number| event(&number.to_string())).collect();
    for batch in &mut many {
        if let rawdash_host::contract::Records::Events(events) = &mut batch.records {
            events[0].attributes = format!(r#"{{"text":"{}"}}"#, "\u{1F600}".repeat(250));
        }
    }
    let committed = database.commit(&many, "1").await.unwrap();
    assert!(committed.batches.iter().all(|changed| changed.written == 1));
    assert_eq!(sqld.strings("default", EVENTS).await.len(), 5000);
    assert_eq!(open(&server).await.checkpoint().await.unwrap().as_deref(), Some("1"));
}
