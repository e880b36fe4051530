//! [`Storage`] on a [`Database`].
//!
//! Its calls run where they are awaited, and not on threads for blocking work: a
//! transaction holds its thread for a few milliseconds, less than a step of the
//! component computes, and handing each over to another thread would cost a first sync
//! more than it saves others that wait.

use async_trait::async_trait;
use rawdash_host::contract::{Batch, Mode, ResourceInfo};
use rawdash_host::storage::{Committed, RunEnd, Storage, StorageError};
use time::OffsetDateTime;

use crate::database::Database;

#[async_trait]
impl Storage for Database {
    async fn checkpoint(&mut self) -> Result<Option<String>, StorageError> {
        Database::checkpoint(self)
    }

    async fn prepare(&mut self, resources: &[ResourceInfo]) -> Result<(), StorageError> {
        Database::prepare(self, resources);
        Ok(())
    }

    async fn origins(&mut self) -> Result<Vec<String>, StorageError> {
        Database::origins(self)
    }

    async fn remember_origins(&mut self, origins: &[String]) -> Result<(), StorageError> {
        Database::remember_origins(self, origins)
    }

    async fn commit(
        &mut self,
        batches: &[Batch],
        checkpoint: &str,
    ) -> Result<Committed, StorageError> {
        Database::commit(self, batches, checkpoint)
    }

    async fn end_run(
        &mut self,
        resource: &str,
        end: RunEnd,
        checkpoint: &str,
    ) -> Result<(), StorageError> {
        Database::end_run(self, resource, end, checkpoint)
    }

    async fn complete(
        &mut self,
        mode: Mode,
        at: OffsetDateTime,
        checkpoint: &str,
    ) -> Result<(), StorageError> {
        Database::complete(self, mode, at, checkpoint)
    }
}
