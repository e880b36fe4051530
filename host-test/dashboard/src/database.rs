//! Opening a database for reading. Nothing is written to its file, and no read lasts
//! longer than one statement.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

/// How long a statement waits for a process that writes.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a database cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// Another process has it locked, so another attempt may succeed.
    Locked {
        /// The database.
        path: PathBuf,
    },
    /// Something else.
    Unreadable {
        /// One sentence: what is wrong, where, and what to do.
        message: String,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Locked { path } => write!(
                f,
                "{} is locked by another process: try again when that has ended",
                path.display()
            ),
            ReadError::Unreadable { message } => f.write_str(message),
        }
    }
}

impl std::error::Error for ReadError {}

/// Opens the file, has `read` read it, and closes it.
pub(crate) fn with_reader<T>(
    path: &Path,
    read: impl Fn(&Connection) -> rusqlite::Result<T>,
) -> Result<T, ReadError> {
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() => return Err(not_a_file(path)),
        Ok(_) => {}
        Err(error) => return Err(missing(path, &error)),
    }
    let shared = || open(path).and_then(|connection| read(&connection));
    let result = match at_rest(path) {
        None => shared(),
        Some(before) => match open_at_rest(path).and_then(|connection| read(&connection)) {
            // Somebody has begun to write meanwhile.
            _ if at_rest(path) != Some(before) => shared(),
            result => result,
        },
    };
    result.map_err(|error| explain(path, &error))
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    // No `SQLITE_OPEN_URI`: a file name is never a URI, even if it looks like one.
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    distrusting(Connection::open_with_flags(path, flags)?)
}

/// Identifies the content of a database at rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct AtRest {
    modified: SystemTime,
    length: u64,
}

/// Whether a database is in WAL mode and nothing is in its WAL: its last writer has closed
/// it, or has nothing under way.
fn at_rest(path: &Path) -> Option<AtRest> {
    let mut wal = path.as_os_str().to_os_string();
    wal.push("-wal");
    let has_wal = std::fs::metadata(wal).is_ok_and(|wal| wal.len() > 0);
    let mut header = [0; 20];
    let mut file = File::open(path).ok()?;
    file.read_exact(&mut header).ok()?;
    // The versions of the format for writing and reading; 2 is WAL.
    if has_wal || !header.ends_with(&[2, 2]) {
        return None;
    }
    let found = file.metadata().ok()?;
    Some(AtRest { modified: found.modified().ok()?, length: found.len() })
}

/// Opens a database at rest as a file that does not change.
///
/// To read it as one that others write, SQLite would add two files beside it, which
/// would belong to this user and could keep the next writer out. It might not be able
/// to: its directory may be one that this user or this machine cannot write.
fn open_at_rest(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    // Escaped byte by byte, the slashes too: two at its beginning would name a host.
    let path = path.as_os_str().as_encoded_bytes();
    let path: String = path.iter().map(|byte| format!("%{byte:02X}")).collect();
    let uri = format!("file:{path}?immutable=1");
    distrusting(Connection::open_with_flags(uri, flags)?)
}

/// The schema of a file is data, and must not call functions.
fn distrusting(connection: Connection) -> rusqlite::Result<Connection> {
    connection.busy_timeout(PATIENCE)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    Ok(connection)
}

fn missing(path: &Path, error: &std::io::Error) -> ReadError {
    let path = path.display();
    let message = match error.kind() {
        std::io::ErrorKind::NotFound => {
            format!("{path} does not exist: name the database that `sync --db` writes")
        }
        _ => format!(
            "{path} cannot be opened ({error}): check that this user may read it and may enter \
             its directory"
        ),
    };
    ReadError::Unreadable { message }
}

fn not_a_file(path: &Path) -> ReadError {
    let message =
        format!("{} is not a file: name the database that `sync --db` writes", path.display());
    ReadError::Unreadable { message }
}

fn explain(path: &Path, error: &rusqlite::Error) -> ReadError {
    let shown = path.display();
    let message = match error.sqlite_error_code() {
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::FileLockingProtocolFailed,
        ) => return ReadError::Locked { path: path.to_owned() },
        Some(ErrorCode::NotADatabase) => {
            format!("{shown} is not an SQLite database: name the one that `sync --db` writes")
        }
        Some(ErrorCode::DatabaseCorrupt) => {
            format!("{shown} is damaged ({error}): restore it from a backup")
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => format!(
            "{shown} cannot be opened ({error}): check that this user may read it; while another \
             process writes it, SQLite must also be able to write in its directory"
        ),
        _ => format!("{shown} cannot be read ({error}): check its disk, then try again"),
    };
    ReadError::Unreadable { message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn count(connection: &Connection) -> rusqlite::Result<i64> {
        connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0))
    }

    fn refused(path: &Path) -> String {
        with_reader(path, count).unwrap_err().to_string()
    }

    #[test]
    fn a_place_without_a_database_is_not_given_one() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("a?b#c%d.db");
        assert!(refused(&path).contains("does not exist"), "{}", refused(&path));
        assert!(!path.exists());
        assert!(refused(directory.path()).contains("is not a file"));
        std::fs::write(&path, "something else, long enough to be no database").unwrap();
        assert!(refused(&path).contains("not an SQLite database"), "{}", refused(&path));
    }

    /// A database with one row, closed.
    fn written(path: &Path, journal: &str) {
        let writer = Connection::open(path).unwrap();
        writer.pragma_update(None, "journal_mode", journal).unwrap();
        writer.execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (1)").unwrap();
    }

    #[test]
    fn reading_changes_no_byte_and_adds_no_file() {
        for journal in ["delete", "wal"] {
            let directory = TempDir::new().unwrap();
            let path = directory.path().join("a?b#c%d ä.db");
            written(&path, journal);
            let before = std::fs::read(&path).unwrap();
            assert_eq!(with_reader(&path, count), Ok(1));
            let deleted = with_reader(&path, |connection| connection.execute("DELETE FROM t", []));
            assert!(deleted.is_err());
            assert_eq!(std::fs::read(&path).unwrap(), before);
            assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "{journal}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_begins_with_two_slashes_is_not_taken_for_a_host() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("rawdash.db");
        written(&path, "wal");
        assert_eq!(with_reader(Path::new(&format!("/{}", path.display())), count), Ok(1));
    }

    #[test]
    fn what_is_written_while_a_database_at_rest_is_read_is_not_missed() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("rawdash.db");
        for closing in [true, false] {
            let _ = std::fs::remove_file(&path);
            written(&path, "wal");
            // Some kernels count time in steps of milliseconds, in which all this may happen.
            let an_hour_ago = SystemTime::now() - Duration::from_secs(3600);
            let file = File::options().write(true).open(&path).unwrap();
            file.set_modified(an_hour_ago).unwrap();
            drop(file);
            let writer = std::cell::Cell::new(None);
            let rows = with_reader(&path, |connection| {
                let rows = count(connection)?;
                if rows == 1 {
                    let other = Connection::open(&path)?;
                    other.execute_batch("INSERT INTO t VALUES (2)")?;
                    // A writer that closes it leaves no WAL behind.
                    writer.set((!closing).then_some(other));
                }
                Ok(rows)
            });
            assert_eq!(rows, Ok(2), "closing: {closing}");
        }
    }

    #[test]
    fn what_a_writer_has_committed_a_moment_ago_is_read() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("rawdash.db");
        let writer = Connection::open(&path).unwrap();
        writer.pragma_update(None, "journal_mode", "wal").unwrap();
        writer.execute_batch("CREATE TABLE t (a)").unwrap();
        for rows in 1..5 {
            writer.execute_batch("INSERT INTO t VALUES (1)").unwrap();
            assert_eq!(with_reader(&path, count), Ok(rows));
        }
    }

    #[test]
    fn a_database_whose_directory_cannot_have_the_files_of_wal_can_be_read() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("rawdash.db");
        written(&path, "wal");
        // Where the shared memory of WAL would be.
        std::fs::create_dir(directory.path().join("rawdash.db-shm")).unwrap();
        assert_eq!(with_reader(&path, count), Ok(1));
    }

    #[test]
    fn a_writer_in_the_middle_of_a_transaction_is_waited_for_and_then_named() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("rawdash.db");
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch("CREATE TABLE t (a); BEGIN EXCLUSIVE").unwrap();
        let locked = with_reader(&path, |connection| {
            connection.busy_timeout(Duration::ZERO)?;
            count(connection)
        });
        assert_eq!(locked, Err(ReadError::Locked { path }));
    }
}
