//! Opening a database: its file, its journal, its tables.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use time::OffsetDateTime;

use super::journal;
use super::problem::{not_writable, unavailable, without_locks};
use super::recognition::find;
use rawdash_host::storage::StorageError;
use rawdash_schema::recognition::{State, judge};
use rawdash_schema::tables::{
    ADDED, ADDED_VERSION, RAWDASH, RAWDASH_TAGS, STORE_TAG, STORE_VERSION,
};

/// How long a statement waits for another process's lock. rawdash's server
/// holds its locks for milliseconds; a process that holds one longer is stuck.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Creates the file if it does not exist, and returns its canonical path.
///
/// A file that exists is not opened: closing any handle of it would release the
/// locks of another connection of this process.
pub(super) fn file(path: &Path) -> Result<PathBuf, StorageError> {
    let found = match path.canonicalize() {
        Err(error) if error.kind() == ErrorKind::NotFound => OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .and_then(|_| path.canonicalize()),
        found => found,
    };
    found.map_err(|error| StorageError::Unavailable {
        message: format!(
            "the database {} cannot be opened ({error}): check that its directory exists, and \
             that both are writable",
            path.display()
        ),
    })
}

/// Connects to the file and creates the missing tables.
pub(super) fn connect(path: &Path) -> Result<Connection, StorageError> {
    let failed = |error: rusqlite::Error| unavailable(path, &error);
    let mut connection = open(path).map_err(failed)?;
    check_locks(&connection, path)?;
    // SQLite opens a file that may not be written all the same, and would say so only
    // after the first requests.
    if connection.is_readonly("main").map_err(failed)? {
        return Err(not_writable(path));
    }
    // Before anything is written: a foreign file must not even change its
    // journal mode.
    let state = recognise(&connection, path)?;
    if journal::is_unchosen(&connection).map_err(failed)? {
        connection = journal::choose(connection, || open(path)).map_err(failed)?;
    }
    journal::synchronise(&connection).map_err(failed)?;
    if state != State::Complete {
        make_tables(&mut connection, path)?;
    }
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    // No `SQLITE_OPEN_URI`: a file name is never a URI, even if it looks like one.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

/// Reads once. Where the file system has no locks, this fails as if another process
/// held one; a probe file of this process tells the two apart.
pub(super) fn check_locks(connection: &Connection, path: &Path) -> Result<(), StorageError> {
    let read = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
    read.map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy) if !own_file_can_be_locked(path) => {
            without_locks(path, &error)
        }
        _ => unavailable(path, &error),
    })
}

fn own_file_can_be_locked(path: &Path) -> bool {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.probe", std::process::id()));
    let probe = path.with_file_name(name);
    let written = Connection::open(&probe).and_then(|connection| {
        // Nobody else has it, so a lock that is refused will not become free.
        connection.busy_timeout(Duration::ZERO)?;
        connection.pragma_update(None, "user_version", 1)
    });
    // Nothing is lost where it stays: it is a page without a table.
    let _ = std::fs::remove_file(&probe);
    !written.is_err_and(|error| error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy))
}

fn recognise(connection: &Connection, path: &Path) -> Result<State, StorageError> {
    let found = find(connection).map_err(|error| unavailable(path, &error))?;
    judge(&found).map_err(|clause| StorageError::Unavailable {
        message: format!("{} {clause}", path.display()),
    })
}

fn make_tables(connection: &mut Connection, path: &Path) -> Result<(), StorageError> {
    let failed = |error: rusqlite::Error| unavailable(path, &error);
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    // Again, now that no other process can write: another connector's process may
    // have created them in the meantime.
    match recognise(&transaction, path)? {
        State::Empty => {
            make_rawdash(&transaction).and_then(|()| make_added(&transaction)).map_err(failed)?
        }
        State::Rawdash => make_added(&transaction).map_err(failed)?,
        State::Complete => {}
    }
    transaction.commit().map_err(failed)
}

fn make_rawdash(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(RAWDASH)?;
    let now = OffsetDateTime::now_utc().unix_timestamp() * 1000;
    for tag in RAWDASH_TAGS {
        connection.execute(STORE_TAG, (tag, now))?;
    }
    Ok(())
}

fn make_added(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(ADDED)?;
    connection.execute(STORE_VERSION, [ADDED_VERSION])?;
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    use tempfile::TempDir;

    use crate::tests::fixture::{made_by_rawdash, path};

    #[test]
    fn opening_a_database_again_leaves_this_process_the_locks_that_it_has() {
        let directory = TempDir::new().unwrap();
        let path = path(&directory);
        let first = made_by_rawdash(&path);
        first.execute_batch("BEGIN IMMEDIATE").unwrap();
        let inode = format!(":{}", fs::metadata(&path).unwrap().ino());
        let process = std::process::id().to_string();
        let locks = || {
            let all = fs::read_to_string("/proc/locks").unwrap();
            // `1: POSIX ADVISORY WRITE <process> <device>:<inode> <first> <last>`
            let fields = all.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
            let of_the_file = |fields: &Vec<&str>| {
                fields.get(4) == Some(&process.as_str())
                    && fields.get(5).is_some_and(|file| file.ends_with(&inode))
            };
            fields.filter(of_the_file).count()
        };
        let before = locks();
        assert!(before > 0);
        super::file(&path).unwrap();
        assert_eq!(locks(), before);
    }
}
