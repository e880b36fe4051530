use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tempfile::TempDir;
use time::macros::datetime;

use super::schema::{ADDED_VERSION, RAWDASH, RAWDASH_TAGS};
use super::{Database, OpenError};
use rawdash_host::contract::{
    Batch, Distribution, Effect, Entity, Event, Field, Mode, Progress, Publication, Quantile,
    Records, ResourceInfo, Sample, Shape, Spread, Window,
};
use rawdash_host::storage::{Changed, RunEnd, StorageError};

pub(super) fn batch(resource: &str, effect: Effect, records: Records) -> Batch {
    Batch {
        resource: resource.to_owned(),
        records,
        effect,
        progress: Progress { pages: 1, records: 0, expected: None },
        warnings: Vec::new(),
    }
}

fn event(id: &str, start: i64) -> Event {
    Event { id: id.to_owned(), start, end: None, attributes: format!(r#"{{"logId":"{id}"}}"#) }
}

pub(super) fn events(rows: &[(&str, i64)]) -> Batch {
    let rows = rows.iter().map(|(id, start)| event(id, *start)).collect();
    batch("login", Effect::Merge, Records::Events(rows))
}

/// Replaces all that is stored.
fn publish(generation: u64) -> Effect {
    Effect::Publish(Publication { generation, scope: None, empty_is_true: false })
}

fn users(effect: Effect, rows: &[(&str, i64)]) -> Batch {
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

pub(super) fn open(directory: &TempDir, connector: &str) -> Database {
    Database::open(&directory.path().join("rawdash.db"), connector).unwrap()
}

pub(super) fn reader(directory: &TempDir) -> Connection {
    Connection::open(directory.path().join("rawdash.db")).unwrap()
}

pub(super) fn strings(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn number(connection: &Connection, sql: &str) -> i64 {
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn changed(written: u64, removed: u64) -> Vec<Changed> {
    vec![Changed { written, removed }]
}

/// A file as rawdash's own server creates it.
pub(super) fn made_by_rawdash(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch(RAWDASH).unwrap();
    for tag in RAWDASH_TAGS {
        connection.execute("INSERT INTO schema_migrations VALUES (?1, 1)", [tag]).unwrap();
    }
    connection
}

fn message(error: OpenError) -> String {
    match error {
        OpenError::Unavailable { message } => message,
        OpenError::Busy { .. } => panic!("busy: {error}"),
    }
}

#[test]
fn an_event_delivered_twice_is_stored_once() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let first = database.commit(&[events(&[("a", 1), ("b", 2)])], "1").unwrap();
    let second = database.commit(&[events(&[("b", 2), ("c", 3), ("c", 3)])], "2").unwrap();
    assert_eq!(first.batches, changed(2, 0));
    assert_eq!(second.batches, changed(1, 0));
    assert_eq!(number(&reader(&directory), "SELECT count(*) FROM events"), 3);
}

#[test]
fn a_page_of_any_length_is_stored_whole_and_counted_right() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let page = |numbers: std::ops::Range<i64>| {
        let rows = numbers.map(|number| event(&number.to_string(), number)).collect();
        batch("login", Effect::Merge, Records::Events(rows))
    };
    let mut stored = 0;
    for length in [0, 1, 24, 25, 26, 50, 100, 119] {
        // Half of them are stored already.
        let begin = stored - stored / 2;
        let end = stored + length;
        let committed = database.commit(&[page(begin..end)], "1").unwrap();
        assert_eq!(committed.batches, changed(length.cast_unsigned(), 0), "{length}");
        stored = end;
        assert_eq!(number(&reader(&directory), "SELECT count(*) FROM events"), stored);
    }
    // One statement stores an event that it has just stored.
    let twice = (0..30).map(|n| event(&format!("twice {}", n / 2), 1)).collect();
    let twice = batch("login", Effect::Merge, Records::Events(twice));
    assert_eq!(database.commit(&[twice], "2").unwrap().batches, changed(15, 0));
    let ids = "SELECT count(DISTINCT event_id) FROM events WHERE start_ts = event_id";
    assert_eq!(number(&reader(&directory), ids), stored);
}

#[test]
fn an_event_that_goes_on_replaces_what_was_stored_of_it() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let job = |status: &str, end| Event {
        id: "job".to_owned(),
        start: 1,
        end,
        attributes: format!(r#"{{"status":"{status}"}}"#),
    };
    let merge = |event| batch("job", Effect::Merge, Records::Events(vec![event]));
    database.commit(&[merge(job("in_progress", None))], "1").unwrap();
    let done = database.commit(&[merge(job("completed", Some(5)))], "2").unwrap();
    assert_eq!(done.batches, changed(1, 0));
    let stored = "SELECT start_ts || '-' || end_ts || attributes FROM events";
    assert_eq!(strings(&reader(&directory), stored), [r#"1-5{"status":"completed"}"#]);
}

#[test]
fn a_list_that_is_truly_empty_ends_what_was_stored() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    database.commit(&[events(&[("a", 1)]), users(Effect::Merge, &[("u", 1)])], "1").unwrap();
    let empty = Effect::Publish(Publication { generation: 1, scope: None, empty_is_true: true });
    let none = [batch("login", empty.clone(), Records::Events(Vec::new())), users(empty, &[])];
    let gone = database.commit(&none, "2").unwrap();
    assert_eq!(gone.batches, [changed(0, 1), changed(0, 1)].concat());
}

#[test]
fn a_window_of_many_pages_is_replaced_at_once_and_nothing_beside_it() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let page = |effect, starts: &[i64]| {
        let rows = starts.iter().map(|start| event(&format!("e{start}"), *start)).collect();
        batch("login", effect, Records::Events(rows))
    };
    database.commit(&[page(Effect::Merge, &[1, 2, 3, 9])], "1").unwrap();
    database.commit(&[page(Effect::Stage(1), &[2])], "2").unwrap();
    let scope = Some(Window { start: 2, end: 5 });
    let publish =
        |generation| Effect::Publish(Publication { generation, scope, empty_is_true: false });
    database.commit(&[page(publish(1), &[4])], "3").unwrap();
    let stored = "SELECT event_id FROM events ORDER BY start_ts";
    assert_eq!(strings(&reader(&directory), stored), ["e1", "e2", "e4", "e9"]);
    // What was staged beside the window is in nobody's way, and not stored.
    database.commit(&[page(Effect::Stage(2), &[7])], "4").unwrap();
    let outside = database.commit(&[page(publish(2), &[])], "5");
    assert!(matches!(outside, Err(StorageError::StagedOutside { .. })), "{outside:?}");
}

#[test]
fn a_sample_whose_measure_changed_takes_the_place_of_the_earlier_one() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let field = |name: &str| Field { name: name.to_owned(), description: String::new() };
    let mut resource = ResourceInfo::named("cost", Shape::Metric);
    (resource.dimensions, resource.measures) = (vec![field("region")], vec![field("hours")]);
    database.prepare(&[resource]);
    let sample = |value, attributes: &str| {
        let sample = Sample { at: 1, value, attributes: attributes.to_owned() };
        batch("cost", Effect::Merge, Records::Samples(vec![sample]))
    };
    database.commit(&[sample(1.0, r#"{"region":"eu","hours":3}"#)], "1").unwrap();
    database.commit(&[sample(2.0, r#"{"hours":4,"region":"eu"}"#)], "2").unwrap();
    database.commit(&[sample(5.0, r#"{"region":"us","hours":4}"#)], "3").unwrap();
    let stored = "SELECT value || attributes FROM metrics ORDER BY value";
    assert_eq!(
        strings(&reader(&directory), stored),
        [r#"2.0{"hours":4,"region":"eu"}"#, r#"5.0{"region":"us","hours":4}"#]
    );
}

#[test]
fn what_is_staged_outlives_a_postponed_run_and_no_other() {
    for (end, left) in [(RunEnd::Postponed, 1), (RunEnd::Failed, 0), (RunEnd::Complete, 0)] {
        let directory = TempDir::new().unwrap();
        let mut database = open(&directory, "auth0");
        database.commit(&[users(Effect::Stage(1), &[("u", 1)])], "1").unwrap();
        database.end_run("user", end, "2").unwrap();
        let staged = "SELECT count(*) FROM host_staged_entities";
        assert_eq!(number(&reader(&directory), staged), left, "{end:?}");
        assert_eq!(database.checkpoint().unwrap().as_deref(), Some("2"));
    }
}

#[test]
fn a_process_that_dies_between_steps_loses_no_committed_step() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    database
        .commit(&[events(&[("a", 1)]), users(Effect::Stage(1), &[("u", 1)])], "after one")
        .unwrap();
    // If the second batch of a step fails, its first one is not stored either.
    let failed = database.commit(
        &[
            events(&[("b", 2)]),
            batch("user", Effect::ReplaceFrom(Vec::new()), Records::Events(Vec::new())),
        ],
        "after two",
    );
    assert!(matches!(failed, Err(StorageError::Unavailable { .. })));
    drop(database);
    let mut database = open(&directory, "auth0");
    assert_eq!(database.checkpoint().unwrap().as_deref(), Some("after one"));
    assert_eq!(strings(&reader(&directory), "SELECT event_id FROM events"), ["a"]);
    let replaced = database.commit(&[users(publish(1), &[("v", 1)])], "after three").unwrap();
    assert_eq!(replaced.batches, changed(2, 0), "the staged user is there");
}

#[test]
fn readers_see_the_old_users_until_the_new_ones_are_whole() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let stored = "SELECT id || updated_at FROM entities ORDER BY id";
    database.commit(&[users(publish(1), &[("a", 1), ("b", 1)])], "1").unwrap();
    let reader = reader(&directory);
    database.commit(&[users(Effect::Stage(2), &[("b", 2)])], "2").unwrap();
    assert_eq!(strings(&reader, stored), ["a1", "b1"]);
    // A reader in the middle of its own transaction keeps what it saw.
    reader.execute_batch("BEGIN").unwrap();
    assert_eq!(strings(&reader, stored), ["a1", "b1"]);
    let last = database.commit(&[users(publish(2), &[("c", 2)])], "3").unwrap();
    assert_eq!(strings(&reader, stored), ["a1", "b1"]);
    reader.execute_batch("COMMIT").unwrap();
    assert_eq!(strings(&reader, stored), ["b2", "c2"]);
    assert_eq!(last.batches, changed(2, 1));
    for table in ["host_staging", "host_staged_entities"] {
        assert_eq!(number(&reader, &format!("SELECT count(*) FROM {table}")), 0);
    }
}

#[test]
fn a_replacement_by_nobody_keeps_the_users_that_are_stored() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let none = users(publish(1), &[]);
    assert!(database.commit(std::slice::from_ref(&none), "0").is_ok());
    database.commit(&[users(Effect::Merge, &[("a", 1), ("b", 1)])], "1").unwrap();
    assert_eq!(
        database.commit(&[none], "2"),
        Err(StorageError::EmptyReplacement { resource: "user".to_owned(), stored: 2 })
    );
    assert_eq!(database.checkpoint().unwrap().as_deref(), Some("1"));
    assert_eq!(number(&reader(&directory), "SELECT count(*) FROM entities"), 2);
}

#[test]
fn a_user_that_is_the_same_is_not_written_again() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let all = [("a", 1), ("b", 1)];
    database.commit(&[users(publish(1), &all)], "1").unwrap();
    let again = database.commit(&[users(publish(2), &all)], "2").unwrap();
    assert_eq!(again.batches, changed(0, 0));
    let merged = database.commit(&[users(Effect::Merge, &[("a", 1), ("b", 2)])], "3").unwrap();
    assert_eq!(merged.batches, changed(1, 0));
}

#[test]
fn a_replacement_restores_neither_an_older_version_nor_a_removed_user() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    database.commit(&[users(Effect::Stage(1), &[("a", 1), ("b", 1)])], "1").unwrap();
    database
        .commit(
            &[
                users(Effect::Merge, &[("a", 2)]),
                batch("user", Effect::Merge, Records::Removals(vec!["b".to_owned()])),
            ],
            "2",
        )
        .unwrap();
    database.commit(&[users(publish(1), &[("c", 1)])], "3").unwrap();
    assert_eq!(
        strings(&reader(&directory), "SELECT id || updated_at FROM entities ORDER BY id"),
        ["a2", "c1"]
    );
}

#[test]
fn only_the_window_of_the_batch_is_replaced() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let days = |start, end, values: &[(i64, f64)]| {
        let samples = values
            .iter()
            .map(|(at, value)| Sample {
                at: *at,
                value: *value,
                attributes: r#"{"kind":"logins"}"#.to_owned(),
            })
            .collect();
        let window = Effect::ReplaceWindow(Window { start, end });
        batch("daily", window, Records::Samples(samples))
    };
    database.commit(&[days(1, 4, &[(1, 10.0), (2, 20.0), (3, 30.0), (4, 40.0)])], "1").unwrap();
    let latest = database.commit(&[days(2, 4, &[(2, 20.0), (3, 31.0)])], "2").unwrap();
    assert_eq!(latest.batches, changed(1, 1), "one new value, one day gone");
    assert_eq!(
        strings(&reader(&directory), "SELECT ts || ':' || value FROM metrics ORDER BY ts"),
        ["1:10.0", "2:20.0", "3:31.0"]
    );
}

#[test]
fn a_distribution_is_stored_as_rawdash_reads_it() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let summary = Distribution {
        at: 5,
        spread: Spread::Summary(vec![Quantile { q: 0.5, value: 2.5 }]),
        count: 3,
        sum: 7.5,
        attributes: "{}".to_owned(),
    };
    let window = Effect::ReplaceWindow(Window { start: 0, end: 9 });
    database.commit(&[batch("d", window, Records::Distributions(vec![summary]))], "1").unwrap();
    let reader = reader(&directory);
    let data: serde_json::Value =
        serde_json::from_str(&strings(&reader, "SELECT data FROM distributions")[0]).unwrap();
    assert_eq!(
        data,
        serde_json::json!({"quantiles": [{"q": 0.5, "value": 2.5}], "count": 3, "sum": 7.5})
    );
    assert_eq!(strings(&reader, "SELECT kind FROM distributions"), ["summary"]);
}

#[test]
fn events_that_rawdash_stored_are_not_stored_a_second_time() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("rawdash.db");
    let rawdash = made_by_rawdash(&path);
    for (connector, name, start, attributes) in [
        ("auth0", "login", 1, r#"{"logId":"a"}"#),
        ("auth0", "login", 1, r#"{"logId":"a","type":"s"}"#), // a page whose write was repeated
        ("auth0", "login", 2, r#"{"logId":"b"}"#),
        ("auth0", "login", 3, r#"{"logId":"b"}"#), // of another time: not the same event
        ("auth0", "login", 4, r#"{"type":"s"}"#),
        ("auth0", "login", 5, "not JSON"),
        ("auth0", "login", 6, r#"{"logId":7}"#),
        ("auth0", "logout", 1, r#"{"logId":"a"}"#),
        ("other", "login", 1, r#"{"logId":"a"}"#),
    ] {
        rawdash
            .execute(
                "INSERT INTO events (connector_id, name, start_ts, attributes)
                 VALUES (?1, ?2, ?3, ?4)",
                (connector, name, start, attributes),
            )
            .unwrap();
    }
    let mut database = open(&directory, "auth0");
    let committed = database.commit(&[events(&[("a", 1), ("7", 6), ("new", 7)])], "1").unwrap();
    // The new one, and the one whose attributes were others.
    assert_eq!(committed.batches, changed(2, 0));
    let rows = "SELECT connector_id || ' ' || name || ' ' || start_ts || ' ' ||
                    coalesce(event_id, '-') FROM events ORDER BY 1";
    let adopted = [
        "auth0 login 1 a",
        "auth0 login 2 b",
        "auth0 login 3 -",
        "auth0 login 4 -",
        "auth0 login 5 -",
        "auth0 login 6 7",
        "auth0 login 7 new",
        "auth0 logout 1 -",
        "other login 1 -",
    ];
    assert_eq!(strings(&rawdash, rows), adopted);
    // rawdash stores one of ours again.
    rawdash
        .execute_batch(
            "INSERT INTO events (connector_id, name, start_ts, attributes)
             VALUES ('auth0', 'login', 7, '{\"logId\":\"new\"}')",
        )
        .unwrap();
    drop(database);
    open(&directory, "auth0").commit(&[events(&[])], "2").unwrap();
    assert_eq!(strings(&rawdash, rows), adopted);
}

#[test]
fn a_file_that_rawdash_made_keeps_what_is_in_it() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("rawdash.db");
    let rawdash = made_by_rawdash(&path);
    rawdash.execute_batch("INSERT INTO entities VALUES ('auth0', 'user', 'a', '{}', 1)").unwrap();
    drop(open(&directory, "auth0"));
    drop(open(&directory, "auth0"));
    assert_eq!(number(&rawdash, "SELECT count(*) FROM entities"), 1);
    assert_eq!(number(&rawdash, "SELECT count(*) FROM host_schema"), 1);
}

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
fn a_foreign_file_is_refused_and_left_as_it_is() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("rawdash.db");
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
    let path = directory.path().join("rawdash.db");
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

#[test]
fn two_processes_never_sync_one_connector_of_one_database() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("rawdash.db");
    let first = open(&directory, "auth0");
    let second = Database::open(&path, "auth0").unwrap_err();
    assert!(matches!(second, OpenError::Busy { .. }), "{second}");
    drop(open(&directory, "Auth0"));
    drop(open(&directory, "shop/eu"));
    drop(first);
    drop(open(&directory, "auth0"));
}

#[cfg(unix)]
#[test]
fn a_second_name_of_the_file_does_not_get_around_the_lock() {
    let directory = TempDir::new().unwrap();
    let _first = open(&directory, "auth0");
    let link = directory.path().join("link.db");
    std::os::unix::fs::symlink(directory.path().join("rawdash.db"), &link).unwrap();
    let second = Database::open(&link, "auth0").unwrap_err();
    assert!(matches!(second, OpenError::Busy { .. }), "{second}");
}

#[test]
fn a_file_that_another_process_keeps_locked_is_not_mistaken_for_a_file_system_without_locks() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("rawdash.db");
    let rawdash = made_by_rawdash(&path);
    rawdash.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let said = message(Database::open(&path, "auth0").unwrap_err());
    assert!(said.contains("is locked by another process"), "{said}");
    let left = fs::read_dir(directory.path()).unwrap();
    let left = left
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().ends_with("probe"));
    assert_eq!(left.count(), 0);
}

#[test]
fn a_file_system_on_which_no_file_can_be_locked_is_reported_as_that() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("rawdash.db");
    let rawdash = made_by_rawdash(&path);
    let probe = directory.path().join(format!("rawdash.db.{}.probe", std::process::id()));
    let probe = Connection::open(&probe).unwrap();
    for connection in [&rawdash, &probe] {
        connection.execute_batch("BEGIN EXCLUSIVE").unwrap();
    }
    let said = message(Database::open(&path, "auth0").unwrap_err());
    assert!(said.contains("rawdash.db has no locks"), "{said}");
}

#[test]
fn a_failing_database_keeps_what_was_stored_and_says_what_to_do() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    database.commit(&[events(&[("a", 1)])], "1").unwrap();
    let fails = |database: &mut Database, wanted: &str| {
        let rows: Vec<_> = (0..2000).map(|n| event(&n.to_string(), n)).collect();
        let many = batch("login", Effect::Merge, Records::Events(rows));
        let said = database.commit(&[many], "2").unwrap_err().to_string();
        assert!(said.contains(wanted), "{said}");
    };

    database.connection.busy_timeout(Duration::ZERO).unwrap();
    let other = reader(&directory);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    fails(&mut database, "locked by another process");
    other.execute_batch("ROLLBACK").unwrap();

    let pages: i64 = number(&other, "PRAGMA page_count");
    database.connection.pragma_update(None, "max_page_count", pages).unwrap();
    fails(&mut database, "no room to write");
    database.connection.pragma_update(None, "max_page_count", i64::from(u32::MAX - 1)).unwrap();

    database.connection.pragma_update(None, "query_only", true).unwrap();
    fails(&mut database, "cannot be written");
    assert_eq!(database.checkpoint().unwrap().as_deref(), Some("1"));
    assert_eq!(number(&other, "SELECT count(*) FROM events"), 1);
}

#[test]
fn a_full_run_is_reported_to_rawdash() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let state = "SELECT last_sync_at || ' ' || coalesce(last_backfill_at, '-')
                 FROM connector_sync_state";
    let at = datetime!(2026-03-04 05:06:07.089 +02:00);
    database.complete(Mode::Latest, at, "1").unwrap();
    let reader = reader(&directory);
    assert_eq!(strings(&reader, state), ["2026-03-04T03:06:07.089Z -"]);
    database.complete(Mode::Full, at, "2").unwrap();
    let later = datetime!(2026-03-05 00:00 UTC);
    database.complete(Mode::Latest, later, "3").unwrap();
    assert_eq!(strings(&reader, state), ["2026-03-05T00:00:00.000Z 2026-03-04T03:06:07.089Z"]);
    assert_eq!(database.checkpoint().unwrap().as_deref(), Some("3"));
}

/// rawdash's `sync_state`.
const SYNC_STATE: &str =
    "SELECT status || ' ' || coalesce(last_sync_at, '-') || ' ' || coalesce(last_error, '-')
     FROM sync_state";

#[test]
fn rawdash_learns_how_fresh_the_least_fresh_connector_is() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let reader = reader(&directory);
    database.commit(&[events(&[("a", 1)])], "0").unwrap();
    assert_eq!(strings(&reader, SYNC_STATE), ["idle - -"], "nothing is complete");
    database.complete(Mode::Full, datetime!(2026-03-04 05:00 UTC), "1").unwrap();
    assert_eq!(strings(&reader, SYNC_STATE), ["succeeded 2026-03-04T05:00:00.000Z -"]);
    // A connector that rawdash reads itself, and not as often.
    reader
        .execute_batch(
            "INSERT INTO connector_sync_state VALUES ('github', '2026-03-04T06:00:00.000Z', NULL)",
        )
        .unwrap();
    database.complete(Mode::Latest, datetime!(2026-03-04 07:00 UTC), "2").unwrap();
    assert_eq!(strings(&reader, SYNC_STATE), ["succeeded 2026-03-04T06:00:00.000Z -"]);
    // What rawdash itself wrote is not set back.
    let later = "UPDATE sync_state SET last_sync_at = '2026-03-04T08:00:00.000Z'";
    reader.execute_batch(later).unwrap();
    database.complete(Mode::Latest, datetime!(2026-03-04 09:00 UTC), "3").unwrap();
    assert_eq!(strings(&reader, SYNC_STATE), ["succeeded 2026-03-04T08:00:00.000Z -"]);
}

#[test]
fn what_rawdash_has_under_way_or_failed_at_is_left_to_it() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let reader = reader(&directory);
    for status in ["queued", "running", "failed"] {
        reader
            .execute("UPDATE sync_state SET status = ?1, last_error = 'github: 401'", [status])
            .unwrap();
        database.complete(Mode::Latest, datetime!(2026-03-04 05:00 UTC), status).unwrap();
        assert_eq!(strings(&reader, SYNC_STATE), [format!("{status} - github: 401")]);
    }
}

#[test]
fn transactions_that_follow_one_another_leave_room_for_other_writers() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let before = Instant::now();
    // As if it had held the lock for all of a second until now.
    database.write_gap.held(before.checked_sub(Duration::from_secs(1)).unwrap(), before);
    database.commit(&[events(&[("a", 1)])], "1").unwrap();
    assert!(before.elapsed() >= Duration::from_millis(60), "it did not wait");
    assert!(database.write_gap.period.is_some(), "the transaction does not count");
}

#[test]
fn accepted_origins_of_one_connector_do_not_count_for_another() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    assert_eq!(database.origins().unwrap(), Vec::<String>::new());
    let accepted = ["https://b".to_owned(), "https://a".to_owned()];
    database.remember_origins(&accepted).unwrap();
    database.reset().unwrap();
    assert_eq!(database.origins().unwrap(), ["https://a", "https://b"]);
    assert!(open(&directory, "other").origins().unwrap().is_empty());
}
