//! A database with a copy of its state after every step.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use rusqlite::Connection;
use time::OffsetDateTime;

use rawdash_host::contract::{Batch, Effect, Mode};
use rawdash_host::storage::{Committed, Storage, StorageError};
use rawdash_sqlite::Database;

/// The name of the connector in the databases of a verification.
pub(super) const NAME: &str = "verified";

/// A checkpoint and the database that it was stored in.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) checkpoint: String,
    pub(super) database: PathBuf,
    /// The latest generation of each resource at that point.
    pub(super) generations: BTreeMap<String, u64>,
}

/// A storage that keeps a copy after every step.
pub(super) struct Snapshots {
    database: Database,
    directory: PathBuf,
    generations: BTreeMap<String, u64>,
    /// `None` once they were taken: nothing is copied after that.
    taken: Option<Vec<Snapshot>>,
}

impl Snapshots {
    pub(super) fn new(database: Database, directory: &Path) -> Snapshots {
        let directory = directory.to_owned();
        Snapshots { database, directory, generations: BTreeMap::new(), taken: Some(Vec::new()) }
    }

    /// The file that is written to.
    pub(super) fn path(&self) -> &Path {
        self.database.path()
    }

    /// The last generation of each resource.
    pub(super) fn generations(&self) -> &BTreeMap<String, u64> {
        &self.generations
    }

    /// Takes the copies of all steps so far; later steps are not copied.
    pub(super) fn take(&mut self) -> Vec<Snapshot> {
        self.taken.take().unwrap_or_default()
    }

    fn keep(&mut self, checkpoint: &str) -> Result<(), StorageError> {
        let Some(taken) = &mut self.taken else { return Ok(()) };
        let copy = self.directory.join(format!("{}.sqlite", taken.len()));
        let copied = Connection::open(self.database.path())
            .and_then(|original| original.execute("VACUUM INTO ?1", [copy.to_string_lossy()]));
        copied.map_err(|error| StorageError::Unavailable {
            message: format!("a database cannot be copied ({error}): check the free disk space"),
        })?;
        taken.push(Snapshot {
            checkpoint: checkpoint.to_owned(),
            database: copy,
            generations: self.generations.clone(),
        });
        Ok(())
    }
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
        for batch in batches {
            if let Effect::Stage(generation) | Effect::ReplaceAll(generation) = batch.effect {
                self.generations.insert(batch.resource.clone(), generation);
            }
        }
        self.keep(checkpoint)?;
        Ok(committed)
    }

    async fn abandon(&mut self, resource: &str, checkpoint: &str) -> Result<(), StorageError> {
        self.database.abandon(resource, checkpoint)?;
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
