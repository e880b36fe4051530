//! Entities, and what replaces them.

use tempfile::TempDir;

use super::fixture::{batch, changed, number, open, publish, reader, strings, users};
use rawdash_host::contract::{Effect, Records};
use rawdash_host::storage::StorageError;

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
