//! A database with a copy of its state after every step.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use rusqlite::Connection;
use time::OffsetDateTime;

use rawdash_host::contract::{Batch, Mode, ResourceInfo};
use rawdash_host::storage::{Committed, RunEnd, Storage, StorageError};
use rawdash_sqlite::Database;

use super::watch::Seen;

/// The name of the connector in the databases of a verification.
pub(super) const NAME: &str = "verified";

/// A checkpoint and the database that it was stored in.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) checkpoint: String,
    pub(super) database: PathBuf,
    /// What was seen until then.
    pub(super) seen: Seen,
}

/// A storage that keeps a copy after every step.
pub(super) struct Snapshots {
    database: Database,
    directory: PathBuf,
    seen: Seen,
    /// `None` once they were taken: nothing is copied after that.
    taken: Option<Vec<Snapshot>>,
}

impl Snapshots {
    pub(super) fn new(database: Database, directory: &Path) -> Snapshots {
        let directory = directory.to_owned();
        Snapshots { database, directory, seen: Seen::default(), taken: Some(Vec::new()) }
    }

    /// The file that is written to.
    pub(super) fn path(&self) -> &Path {
        self.database.path()
    }

    /// What was seen so far.
    pub(super) fn seen(&self) -> &Seen {
        &self.seen
    }

    /// Takes the copies of all steps so far; later steps are not copied.
    pub(super) fn take(&mut self) -> Vec<Snapshot> {
        self.taken.take().unwrap_or_default()
    }

    fn keep(&mut self, checkpoint: &str) -> Result<(), StorageError> {
        let Some(taken) = &mut self.taken else { return Ok(()) };
        let copy = self.directory.join(format!("{}.sqlite", taken.len()));
        self::copy(self.database.path(), &copy)?;
        taken.push(Snapshot {
            checkpoint: checkpoint.to_owned(),
            database: copy,
            seen: self.seen.clone(),
        });
        Ok(())
    }
}

/// Copies a database.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), StorageError> {
    let copied = Connection::open(from)
        .and_then(|original| original.execute("VACUUM INTO ?1", [to.to_string_lossy()]));
    copied.map(|_| ()).map_err(|error| StorageError::Unavailable {
        message: format!("a database cannot be copied ({error}): check the free disk space"),
    })
}

#[async_trait]
impl Storage for Snapshots {
    async fn checkpoint(&mut self) -> Result<Option<String>, StorageError> {
        self.database.checkpoint()
    }

    async fn commit(
        &mut self,
        batches: &[Batch],
        checkpoint: &str,
    ) -> Result<Committed, StorageError> {
        let committed = self.database.commit(batches, checkpoint)?;
        self.seen.batches(batches);
        self.keep(checkpoint)?;
        Ok(committed)
    }

    async fn prepare(&mut self, resources: &[ResourceInfo]) -> Result<(), StorageError> {
        self.database.prepare(resources);
        Ok(())
    }

    async fn end_run(
        &mut self,
        resource: &str,
        end: RunEnd,
        checkpoint: &str,
    ) -> Result<(), StorageError> {
        self.database.end_run(resource, end, checkpoint)?;
        self.seen.ended(resource);
        self.keep(checkpoint)
    }

    async fn complete(
        &mut self,
        mode: Mode,
        at: OffsetDateTime,
        checkpoint: &str,
    ) -> Result<(), StorageError> {
        self.database.complete(mode, at, checkpoint)?;
        self.keep(checkpoint)
    }
}
