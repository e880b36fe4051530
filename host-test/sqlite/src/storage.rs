//! [`Storage`] on a [`Database`].

use async_trait::async_trait;
use rawdash_host::contract::{Batch, Mode};
use rawdash_host::storage::{Committed, Storage, StorageError};
use time::OffsetDateTime;

use crate::database::Database;

#[async_trait]
impl Storage for Database {
    async fn checkpoint(&mut self) -> Result<Option<String>, StorageError> {
        Database::checkpoint(self)
    }

    async fn commit(
        &mut self,
        batches: &[Batch],
        checkpoint: &str,
    ) -> Result<Committed, StorageError> {
        Database::commit(self, batches, checkpoint)
    }

    async fn abandon(&mut self, resource: &str, checkpoint: &str) -> Result<(), StorageError> {
        Database::abandon(self, resource, checkpoint)
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
