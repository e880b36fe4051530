//! A storage that stores nothing, to measure everything before it.

use async_trait::async_trait;
use time::OffsetDateTime;

use rawdash_host::contract::{Batch, Mode};
use rawdash_host::storage::{Committed, RunEnd, Storage, StorageError};

/// Discards everything.
pub struct Discard;

#[async_trait]
impl Storage for Discard {
    async fn checkpoint(&mut self) -> Result<Option<String>, StorageError> {
        Ok(None)
    }

    async fn commit(&mut self, _: &[Batch], _: &str) -> Result<Committed, StorageError> {
        Ok(Committed::default())
    }

    async fn end_run(&mut self, _: &str, _: RunEnd, _: &str) -> Result<(), StorageError> {
        Ok(())
    }

    async fn complete(&mut self, _: Mode, _: OffsetDateTime, _: &str) -> Result<(), StorageError> {
        Ok(())
    }
}
