//! Why a write failed.

use rawdash_host::storage::StorageError;

/// Why a batch was not written.
#[derive(Debug)]
pub(super) enum WriteError {
    /// SQLite failed.
    Sqlite(rusqlite::Error),
    /// The batch is at fault.
    Refused(StorageError),
}

impl From<rusqlite::Error> for WriteError {
    fn from(error: rusqlite::Error) -> Self {
        WriteError::Sqlite(error)
    }
}

impl From<StorageError> for WriteError {
    fn from(error: StorageError) -> Self {
        WriteError::Refused(error)
    }
}
