//! [`Storage`] on a [`Database`].

use async_trait::async_trait;
use rawdash_host::contract::{Batch, Mode, ResourceInfo};
use rawdash_host::storage::{Committed, RunEnd, Storage, StorageError};
use rawdash_schema::connector::{CHECKPOINT, ORIGINS};
use rawdash_schema::freshness::iso;
use rawdash_schema::timed;
use time::OffsetDateTime;

use crate::database::{Database, Work};

#[async_trait]
impl Storage for Database {
    async fn checkpoint(&mut self) -> Result<Option<String>, StorageError> {
        // Whoever reads it begins there: what advances the fence later has not happened.
        self.settle().await?;
        let rows = self.read(CHECKPOINT).await?;
        Ok(rows.texts().next().map(str::to_owned))
    }

    async fn prepare(&mut self, resources: &[ResourceInfo]) -> Result<(), StorageError> {
        self.dimensions = timed::dimensions(resources);
        Ok(())
    }

    async fn origins(&mut self) -> Result<Vec<String>, StorageError> {
        let rows = self.read(ORIGINS).await?;
        Ok(rows.texts().map(str::to_owned).collect())
    }

    async fn remember_origins(&mut self, origins: &[String]) -> Result<(), StorageError> {
        self.write(Work::Origins(origins)).await.map(drop)
    }

    async fn commit(
        &mut self,
        batches: &[Batch],
        checkpoint: &str,
    ) -> Result<Committed, StorageError> {
        self.write(Work::Step { batches, checkpoint }).await
    }

    async fn end_run(
        &mut self,
        resource: &str,
        end: RunEnd,
        checkpoint: &str,
    ) -> Result<(), StorageError> {
        self.write(Work::RunEnd { resource, end, checkpoint }).await.map(drop)
    }

    async fn complete(
        &mut self,
        mode: Mode,
        at: OffsetDateTime,
        checkpoint: &str,
    ) -> Result<(), StorageError> {
        let at = iso(at)?;
        self.write(Work::Complete { mode, at: &at, checkpoint }).await.map(drop)
    }
}
