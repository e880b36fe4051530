//! Locks of the connector and of the file.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use tempfile::TempDir;

use super::fixture::{made_by_rawdash, open, path};
use crate::opening::check_locks;
use crate::{Database, OpenError};

#[test]
fn two_processes_never_sync_one_connector_of_one_database() {
    let directory = TempDir::new().unwrap();
    let path = path(&directory);
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
    std::os::unix::fs::symlink(path(&directory), &link).unwrap();
    let second = Database::open(&link, "auth0").unwrap_err();
    assert!(matches!(second, OpenError::Busy { .. }), "{second}");
}

/// A connection that does not wait for locks.
fn impatient(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.busy_timeout(Duration::ZERO).unwrap();
    connection
}

#[test]
fn a_file_that_another_process_keeps_locked_is_not_mistaken_for_a_file_system_without_locks() {
    let directory = TempDir::new().unwrap();
    let path = path(&directory);
    let rawdash = made_by_rawdash(&path);
    rawdash.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let said = check_locks(&impatient(&path), &path).unwrap_err().to_string();
    assert!(said.contains("is locked by another process"), "{said}");
    let left = fs::read_dir(directory.path()).unwrap();
    let left = left
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().ends_with("probe"));
    assert_eq!(left.count(), 0);
}

#[test]
fn a_file_system_on_which_no_file_can_be_locked_is_reported_as_that() {
    let directory = TempDir::new().unwrap();
    let path = path(&directory);
    let rawdash = made_by_rawdash(&path);
    let probe = directory.path().join(format!("rawdash.db.{}.probe", std::process::id()));
    let probe = Connection::open(&probe).unwrap();
    for connection in [&rawdash, &probe] {
        connection.execute_batch("BEGIN EXCLUSIVE").unwrap();
    }
    let said = check_locks(&impatient(&path), &path).unwrap_err().to_string();
    assert!(said.contains("rawdash.db has no locks"), "{said}");
}
