//! Errors of the database, each one sentence that a person can act on.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use rawdash_host::storage::StorageError;

/// Why a database could not be opened for a connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// Another process is syncing this connector in this database. Try again when
    /// it has ended.
    Busy {
        /// The connector's name.
        connector: String,
        /// The database.
        path: PathBuf,
    },
    /// Another program keeps the database locked. Try again when it has ended.
    Locked {
        /// One sentence: what is locked, and what to do.
        message: String,
    },
    /// The file cannot be used: it is not a database, belongs to another program or
    /// a newer host, is read-only, or the disk is full.
    Unavailable {
        /// One sentence: what is wrong, where, and what to do.
        message: String,
    },
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            OpenError::Busy { connector, path } => write!(
                f,
                "another process is syncing the connector {connector} into {}: wait until it has \
                 ended, or stop it",
                path.display()
            ),
            OpenError::Locked { message } | OpenError::Unavailable { message } => {
                f.write_str(message)
            }
        }
    }
}

impl std::error::Error for OpenError {}

impl From<StorageError> for OpenError {
    fn from(error: StorageError) -> Self {
        let message = error.to_string();
        match error {
            StorageError::Held { .. } => OpenError::Locked { message },
            _ => OpenError::Unavailable { message },
        }
    }
}

/// The sentence for an error of SQLite in the database at `location`.
pub(super) fn unavailable(location: &Path, error: &rusqlite::Error) -> StorageError {
    let path = location.display();
    let message = match error.sqlite_error_code() {
        _ if lacks_shared_memory(error) => format!(
            "{path} is in WAL mode, and its file system does not support the shared memory that \
             WAL needs ({error}): move it to a local disk, or run `PRAGMA journal_mode = DELETE` \
             on it where it can be opened"
        ),
        Some(ErrorCode::DiskFull) => format!(
            "there is no room to write to {path}: free some space, then sync again; what was \
             stored before is untouched"
        ),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => return not_writable(location),
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::FileLockingProtocolFailed,
        ) => {
            let message = format!(
                "{path} is locked by another process: sync again when that has ended, or stop it"
            );
            return StorageError::Held { message };
        }
        Some(ErrorCode::NotADatabase) => {
            format!("{path} is not an SQLite database: use another file, or move this one away")
        }
        Some(ErrorCode::DatabaseCorrupt) => format!(
            "{path} is damaged ({error}): restore it from a backup, or move it away and sync again"
        ),
        Some(ErrorCode::CannotOpen) => format!(
            "{path} cannot be opened ({error}): check that it is a file, and that its directory \
             is writable"
        ),
        Some(ErrorCode::SystemIoFailure) => {
            format!("reading or writing {path} failed ({error}): check its disk, then sync again")
        }
        _ => format!("the database {path} failed: {error}"),
    };
    StorageError::Unavailable { message }
}

/// The sentence for a database that this user may only read.
pub(super) fn not_writable(path: &Path) -> StorageError {
    let message = format!(
        "{} cannot be written: give this user write permission for the file and its directory",
        path.display()
    );
    StorageError::Unavailable { message }
}

/// The sentence for a database on a file system without locks.
pub(super) fn without_locks(path: &Path, error: &dyn std::fmt::Display) -> StorageError {
    let message = format!(
        "the file system of {} has no locks ({error}), so two processes could damage the \
         database: move it to a local disk, or mount the file system with locks",
        path.display()
    );
    StorageError::Unavailable { message }
}

/// Whether the file `-shm` beside a database in WAL mode cannot be used.
pub(super) fn lacks_shared_memory(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi;
    let code = error.sqlite_error().map(|error| error.extended_code);
    matches!(
        code,
        Some(ffi::SQLITE_IOERR_SHMOPEN | ffi::SQLITE_IOERR_SHMSIZE | ffi::SQLITE_IOERR_SHMMAP)
    )
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::unavailable;

    #[test]
    fn a_file_in_wal_mode_that_was_moved_to_where_wal_cannot_be_is_reported_with_the_remedy() {
        for code in [ffi::SQLITE_IOERR_SHMMAP, ffi::SQLITE_IOERR_SHMOPEN] {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            let message = unavailable("rawdash.db".as_ref(), &error).to_string();
            assert!(message.contains("PRAGMA journal_mode = DELETE"), "{message}");
        }
    }
}
