//! The interface through which a sync stores its records. Implement it for a
//! store of your own; `rawdash-sqlite` implements it for rawdash's SQLite schema.

use std::fmt;

use async_trait::async_trait;
use time::OffsetDateTime;

use crate::contract::{Batch, Mode};

/// Stores the records and the checkpoint of one connector.
///
/// Implementations use the attribute of the crate `async-trait`, which this
/// crate re-exports. Every call is atomic: a future that is dropped before it
/// ends has stored either everything or nothing.
#[async_trait]
pub trait Storage: Send {
    /// The checkpoint stored last, if any.
    async fn checkpoint(&mut self) -> Result<Option<String>, StorageError>;

    /// Stores the batches of one step and the checkpoint after them, all or
    /// nothing.
    async fn commit(
        &mut self,
        batches: &[Batch],
        checkpoint: &str,
    ) -> Result<Committed, StorageError>;

    /// Drops what is staged for a resource that failed for good, and stores
    /// the checkpoint, all or nothing. What is stored stays.
    async fn abandon(&mut self, resource: &str, checkpoint: &str) -> Result<(), StorageError>;

    /// Records that a run ended with every resource complete, and stores the
    /// checkpoint, all or nothing. `mode` is never `auto`.
    async fn complete(
        &mut self,
        mode: Mode,
        at: OffsetDateTime,
        checkpoint: &str,
    ) -> Result<(), StorageError>;
}

/// What a commit changed, batch by batch, in the order given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// One entry for each batch.
    pub batches: Vec<Changed>,
}

/// What one batch changed in the stored or the staged rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Rows written; an event that was stored already does not count.
    pub written: u64,
    /// Rows removed, by a removal or by a replacement that lacks them.
    pub removed: u64,
}

/// Why a call of the storage failed. Nothing of that call is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageError {
    /// The batch would replace all rows by none: a failure of the source, not of
    /// the storage.
    EmptyReplacement {
        /// The resource's name in storage.
        resource: String,
        /// The number of rows that are stored.
        stored: u64,
    },
    /// The storage itself failed: full, locked, read-only, damaged.
    Unavailable {
        /// One sentence: what failed, where, and what to do.
        message: String,
    },
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StorageError::EmptyReplacement { resource, stored } => write!(
                f,
                "the source returned no {resource}, and {stored} are stored; nothing was \
                 replaced, because an outage of its search looks the same: sync again later"
            ),
            StorageError::Unavailable { message } => f.write_str(message),
        }
    }
}

impl std::error::Error for StorageError {}
