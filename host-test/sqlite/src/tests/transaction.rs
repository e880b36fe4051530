//! What a transaction stores, or leaves as it was.

use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::fixture::{
    batch, changed, event, events, number, open, publish, reader, strings, users,
};
use crate::Database;
use rawdash_host::contract::{Effect, Records};
use rawdash_host::storage::{RunEnd, StorageError};

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
