//! The interface through which a sync stores its records. Implement it for a
//! store of your own; `rawdash-sqlite` implements it for rawdash's SQLite schema.

use std::fmt;

use async_trait::async_trait;
use time::OffsetDateTime;

use crate::contract::{Batch, Mode, ResourceInfo};

/// Stores the records and the checkpoint of one connector.
///
/// Implementations use the attribute of the crate `async-trait`, which this
/// crate re-exports. Every call is atomic: a future that is dropped before it
/// ends has stored either everything or nothing.
#[async_trait]
pub trait Storage: Send {
    /// The checkpoint stored last, if any.
    async fn checkpoint(&mut self) -> Result<Option<String>, StorageError>;

    /// Called once before the first step of a sync: the resources as the
    /// configuration has them. Their dimensions are the identity of samples and
    /// distributions of one time.
    async fn prepare(&mut self, resources: &[ResourceInfo]) -> Result<(), StorageError> {
        let _ = resources;
        Ok(())
    }

    /// The origins that were accepted for the connector, sorted; none before the first
    /// sync. By default none are remembered, so a component that declares other origins
    /// than before is not noticed.
    async fn origins(&mut self) -> Result<Vec<String>, StorageError> {
        Ok(Vec::new())
    }

    /// Remembers exactly these origins as accepted for the connector.
    async fn remember_origins(&mut self, origins: &[String]) -> Result<(), StorageError> {
        let _ = origins;
        Ok(())
    }

    /// Stores the batches of one step and the checkpoint after them, all or
    /// nothing.
    async fn commit(
        &mut self,
        batches: &[Batch],
        checkpoint: &str,
    ) -> Result<Committed, StorageError>;

    /// Stores that the run of a resource ended, and the checkpoint, all or
    /// nothing. What is staged for it stays where it is postponed and is dropped
    /// otherwise; what is stored stays.
    async fn end_run(
        &mut self,
        resource: &str,
        end: RunEnd,
        checkpoint: &str,
    ) -> Result<(), StorageError>;

    /// Stores that every wanted resource is complete, and the checkpoint, all or
    /// nothing. `mode` is full where any of their runs was, and never `auto`.
    async fn complete(
        &mut self,
        mode: Mode,
        at: OffsetDateTime,
        checkpoint: &str,
    ) -> Result<(), StorageError>;
}

/// How the run of a resource ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// All of it is stored.
    Complete,
    /// It is impossible; the next sync begins it anew.
    Failed,
    /// The next sync carries on with it.
    Postponed,
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
    /// Rows written; one that is stored already as it is does not count.
    pub written: u64,
    /// Rows removed, by a removal or by a replacement that lacks them.
    pub removed: u64,
}

/// Why a call of the storage failed. Nothing of that call is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageError {
    /// The batch would replace rows by none, and does not say that this is true. It
    /// costs the resource this sync; the others go on.
    EmptyReplacement {
        /// The resource's name in storage.
        resource: String,
        /// The number of rows that are stored.
        stored: u64,
    },
    /// Rows that were staged lie outside the window that they are to replace; the
    /// component is at fault.
    StagedOutside {
        /// The resource's name in storage.
        resource: String,
    },
    /// Another writer has the storage, or this connector's part of it. Waiting until it
    /// has ended repairs that.
    Held {
        /// One sentence: who it is, as far as that is known, and what to do.
        message: String,
    },
    /// The storage itself failed: full, read-only, damaged.
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
                 replaced, because an outage of its search looks the same: sync again later, and \
                 if the source really has none, report it to the connector's author"
            ),
            StorageError::StagedOutside { resource } => write!(
                f,
                "the component broke the contract: rows staged for {resource} lie outside the \
                 window that they replace"
            ),
            StorageError::Held { message } | StorageError::Unavailable { message } => {
                f.write_str(message)
            }
        }
    }
}

impl std::error::Error for StorageError {}
