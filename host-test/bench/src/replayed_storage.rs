//! A storage that keeps what it is given, so that storing can be measured alone.

use async_trait::async_trait;
use time::OffsetDateTime;

use super::measured::Measured;
use rawdash_host::contract::{Batch, Mode, ResourceInfo};
use rawdash_host::storage::{Committed, RunEnd, Storage, StorageError};
use rawdash_host::validation;

/// Everything that a sync stored, in order.
#[derive(Default)]
pub struct ReplayedStorage {
    resources: Vec<ResourceInfo>,
    transactions: Vec<Transaction>,
}

enum Transaction {
    Commit(Vec<Batch>, String),
    EndRun(String, RunEnd, String),
    Complete(Mode, OffsetDateTime, String),
}

impl ReplayedStorage {
    /// Stores the same rows and checkpoints in the same transactions.
    ///
    /// # Errors
    /// When the storage refuses one.
    pub async fn store(&self, storage: &mut dyn Storage) -> Measured<()> {
        storage.prepare(&self.resources).await?;
        for transaction in &self.transactions {
            match transaction {
                Transaction::Commit(batches, checkpoint) => {
                    storage.commit(batches, checkpoint).await?;
                }
                Transaction::EndRun(resource, end, checkpoint) => {
                    storage.end_run(resource, *end, checkpoint).await?;
                }
                Transaction::Complete(mode, at, checkpoint) => {
                    storage.complete(*mode, *at, checkpoint).await?;
                }
            }
        }
        Ok(())
    }

    /// Checks the same batches as the host does before it stores them.
    ///
    /// # Errors
    /// When one breaks the contract.
    pub fn check(&self) -> Measured<()> {
        for transaction in &self.transactions {
            if let Transaction::Commit(batches, _) = transaction {
                validation::check(&self.resources, batches)
                    .map_err(|violation| violation.to_string())?;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Storage for ReplayedStorage {
    async fn checkpoint(&mut self) -> Result<Option<String>, StorageError> {
        Ok(None)
    }

    async fn prepare(&mut self, resources: &[ResourceInfo]) -> Result<(), StorageError> {
        self.resources = resources.to_vec();
        Ok(())
    }

    async fn commit(
        &mut self,
        batches: &[Batch],
        checkpoint: &str,
    ) -> Result<Committed, StorageError> {
        self.transactions.push(Transaction::Commit(batches.to_vec(), checkpoint.to_owned()));
        Ok(Committed::default())
    }

    async fn end_run(
        &mut self,
        resource: &str,
        end: RunEnd,
        checkpoint: &str,
    ) -> Result<(), StorageError> {
        let (resource, checkpoint) = (resource.to_owned(), checkpoint.to_owned());
        self.transactions.push(Transaction::EndRun(resource, end, checkpoint));
        Ok(())
    }

    async fn complete(
        &mut self,
        mode: Mode,
        at: OffsetDateTime,
        checkpoint: &str,
    ) -> Result<(), StorageError> {
        self.transactions.push(Transaction::Complete(mode, at, checkpoint.to_owned()));
        Ok(())
    }
}
