//! The journal of a database: kept where someone has chosen one, WAL in a new file.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};

use super::opening::PATIENCE;
use super::problem::lacks_shared_memory;

/// Between two tries to choose the journal.
const PAUSE: Duration = Duration::from_millis(10);

/// Whether nothing was ever written to the file, so that nobody has chosen its
/// journal.
pub(super) fn is_unchosen(connection: &Connection) -> rusqlite::Result<bool> {
    let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    Ok(pages == 0)
}

/// Chooses the journal of a new file: WAL, so that a step and its readers do not wait
/// for each other, or a rollback journal where the file system cannot have WAL.
///
/// The connection is opened again with `open` if WAL fails.
pub(super) fn choose(
    connection: Connection,
    open: impl Fn() -> rusqlite::Result<Connection>,
) -> rusqlite::Result<Connection> {
    let begun = Instant::now();
    loop {
        match use_wal(&connection) {
            Ok(()) => return Ok(connection),
            Err(error) if cannot_have_wal(&error) => break,
            // Another process chooses for the same file, and SQLite does not wait for
            // that by itself.
            Err(error) if is_busy(&error) && begun.elapsed() < PATIENCE => sleep(PAUSE),
            Err(error) => return Err(error),
        }
    }
    drop(connection);
    // The file says WAL by now, and cannot be read with it. A connection that has
    // the file to itself needs no shared memory.
    let alone = open()?;
    alone.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    alone.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    drop(alone);
    open()
}

/// Whether it is the shared memory of WAL that cannot be had: the file itself was read
/// and can be written. Any other error says nothing about the journal.
fn cannot_have_wal(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    lacks_shared_memory(error) || matches!(code, Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

fn is_busy(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(code, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// Switches to WAL and begins a transaction, because it is only then that SQLite maps
/// the shared memory of WAL. SQLite keeps the rollback journal where it knows that a
/// file system has none, and that is no error.
fn use_wal(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")
}

/// Sets how much of a transaction waits for the disk.
///
/// With WAL and `NORMAL` a killed process loses no committed step, because the
/// operating system has its pages. A power failure may lose the last steps, always
/// together with their checkpoints, so they are read again. With a rollback journal
/// only `FULL` keeps the file consistent.
pub(super) fn synchronise(connection: &Connection) -> rusqlite::Result<()> {
    let journal: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    let synchronous = if journal == "wal" { "NORMAL" } else { "FULL" };
    connection.pragma_update(None, "synchronous", synchronous)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rusqlite::Connection;
    use tempfile::TempDir;

    use crate::tests::fixture::{events, made_by_rawdash, open, path, reader, strings};

    /// `PRAGMA synchronous`: 1 is `NORMAL`, 2 is `FULL`.
    fn synchronous(connection: &Connection) -> i64 {
        connection.query_row("PRAGMA synchronous", [], |row| row.get(0)).unwrap()
    }

    fn journal(directory: &TempDir) -> String {
        strings(&reader(directory), "PRAGMA journal_mode").remove(0)
    }

    #[test]
    fn a_new_file_has_wal() {
        let directory = TempDir::new().unwrap();
        let database = open(&directory, "auth0");
        assert_eq!(journal(&directory), "wal");
        assert_eq!(synchronous(&database.connection), 1);
    }

    #[test]
    fn a_journal_that_someone_chose_is_kept() {
        for chosen in ["delete", "wal"] {
            let directory = TempDir::new().unwrap();
            let rawdash = made_by_rawdash(&path(&directory));
            rawdash.pragma_update(None, "journal_mode", chosen).unwrap();
            drop(rawdash);
            for round in ["1", "2"] {
                let mut database = open(&directory, "auth0");
                database.commit(&[events(&[(round, 1)])], round).unwrap();
                assert_eq!(journal(&directory), chosen);
            }
        }
    }

    #[test]
    fn a_journal_that_was_chosen_for_a_file_without_tables_is_kept() {
        let directory = TempDir::new().unwrap();
        reader(&directory).execute_batch("PRAGMA user_version = 1").unwrap();
        drop(open(&directory, "auth0"));
        assert_eq!(journal(&directory), "delete");
    }

    #[test]
    fn a_place_that_cannot_have_wal_has_a_rollback_journal_and_can_be_read_by_others() {
        let directory = TempDir::new().unwrap();
        // Where the shared memory of WAL would be.
        fs::create_dir(directory.path().join("rawdash.db-shm")).unwrap();
        for round in ["1", "2"] {
            let mut database = open(&directory, "auth0");
            database.commit(&[events(&[(round, 1)])], round).unwrap();
            assert_eq!(journal(&directory), "delete");
            assert_eq!(synchronous(&database.connection), 2);
        }
        assert_eq!(strings(&reader(&directory), "SELECT event_id FROM events"), ["1", "2"]);
    }
}
