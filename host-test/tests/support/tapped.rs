//! A database that is looked at after each step, and that a test can break.

use async_trait::async_trait;
use rawdash_host::contract::{Batch, Mode, ResourceInfo};
use rawdash_host::storage::{Committed, RunEnd, Storage, StorageError};
use rawdash_sqlite::Database;
use time::OffsetDateTime;

/// A database with a tap on its writes.
pub(crate) struct Tapped<'a> {
    database: Database,
    /// Writes that were stored.
    pub(crate) writes: usize,
    /// The write, counted from 1, that is refused with all behind it.
    pub(crate) broken_from: Option<usize>,
    /// Called before each write, with its number, counted from 1.
    pub(crate) before: Box<dyn FnMut(usize) + Send + 'a>,
    /// Called after each write, with the number of those stored.
    pub(crate) after: Box<dyn FnMut(usize) + Send + 'a>,
}

impl<'a> Tapped<'a> {
    pub(crate) fn new(database: Database) -> Self {
        let (before, after) = (Box::new(|_| {}), Box::new(|_| {}));
        Tapped { database, writes: 0, broken_from: None, before, after }
    }

    fn write<T>(
        &mut self,
        work: impl FnOnce(&mut Database) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        if self.broken_from.is_some_and(|from| self.writes + 1 >= from) {
            return Err(StorageError::Unavailable { message: "the disk is gone".to_owned() });
        }
        (self.before)(self.writes + 1);
        let written = work(&mut self.database)?;
        self.writes += 1;
        (self.after)(self.writes);
        Ok(written)
    }
}

#[async_trait]
impl Storage for Tapped<'_> {
    async fn checkpoint(&mut self) -> Result<Option<String>, StorageError> {
        self.database.checkpoint()
    }

    async fn commit(
        &mut self,
        batches: &[Batch],
        checkpoint: &str,
    ) -> Result<Committed, StorageError> {
        self.write(|database| database.commit(batches, checkpoint))
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
        self.write(|database| database.end_run(resource, end, checkpoint))
    }

    async fn complete(
        &mut self,
        mode: Mode,
        at: OffsetDateTime,
        checkpoint: &str,
    ) -> Result<(), StorageError> {
        self.write(|database| database.complete(mode, at, checkpoint))
    }
}
