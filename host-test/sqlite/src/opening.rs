//! Opening a database: its file, its pragmas, its tables.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use time::OffsetDateTime;

use super::problem::unavailable;
use super::recognition::{State, find, judge};
use super::schema::{ADDED, ADDED_VERSION, RAWDASH, RAWDASH_TAGS};
use rawdash_host::storage::StorageError;

/// How long a statement waits for another process's lock. rawdash's server
/// holds its own for milliseconds; who holds one for longer is stuck.
const PATIENCE: Duration = Duration::from_secs(5);

/// Makes the file where there is none, and tells its one canonical name.
pub(super) fn file(path: &Path) -> Result<PathBuf, StorageError> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .and_then(|_| path.canonicalize())
        .map_err(|error| StorageError::Unavailable {
            message: format!(
                "the database {} cannot be opened ({error}): see that its directory exists, and \
                 that both may be written",
                path.display()
            ),
        })
}

/// Connects to the file and makes the tables that are missing.
pub(super) fn connect(path: &Path) -> Result<Connection, StorageError> {
    // No `SQLITE_OPEN_URI`: a file's name is a name, whatever it begins with.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let failed = |error: rusqlite::Error| unavailable(path, &error);
    let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    // Before anything is written: a foreign file must not even change its
    // journal mode.
    let state = recognise(&connection, path)?;
    set_journal(&connection).map_err(failed)?;
    if state != State::Complete {
        make_tables(&mut connection, path)?;
    }
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn recognise(connection: &Connection, path: &Path) -> Result<State, StorageError> {
    let found = find(connection).map_err(|error| unavailable(path, &error))?;
    judge(&found).map_err(|clause| StorageError::Unavailable {
        message: format!("{} {clause}", path.display()),
    })
}

/// WAL, so that readers go on while a step is written. A process that is
/// killed loses no committed step at `synchronous = NORMAL`, for its pages are
/// with the operating system; a power failure may cost the last steps, whole
/// and with their checkpoints, and these are read again. Where WAL cannot be
/// had (some network file systems) only FULL keeps the file sound.
fn set_journal(connection: &Connection) -> rusqlite::Result<()> {
    let journal: String =
        connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    let synchronous = if journal == "wal" { "NORMAL" } else { "FULL" };
    connection.pragma_update(None, "synchronous", synchronous)
}

fn make_tables(connection: &mut Connection, path: &Path) -> Result<(), StorageError> {
    let failed = |error: rusqlite::Error| unavailable(path, &error);
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    // Once more, now that nobody else can write: another connector's process
    // may have made them meanwhile.
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
        connection.execute(
            "INSERT INTO schema_migrations (tag, applied_at) VALUES (?1, ?2)",
            (tag, now),
        )?;
    }
    Ok(())
}

fn make_added(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(ADDED)?;
    connection.execute("INSERT INTO host_schema (version) VALUES (?1)", [ADDED_VERSION])?;
    Ok(())
}
