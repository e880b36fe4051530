//! A storage in memory that keeps what it was given, step by step.

use async_trait::async_trait;
use rawdash_host::contract::{Batch, Effect, Mode, Publication, record_count};
use rawdash_host::storage::{Changed, Committed, RunEnd, Storage, StorageError};
use time::OffsetDateTime;
use tokio::sync::watch;

/// Every call that changed something, in order.
#[derive(Default)]
pub(crate) struct MemoryStorage {
    pub(crate) checkpoint: Option<String>,
    pub(crate) batches: Vec<Batch>,
    pub(crate) commits: watch::Sender<usize>,
    pub(crate) ended: Vec<(String, RunEnd)>,
    pub(crate) completed: Vec<Mode>,
    /// Answers the next commit that has batches, of its resource where it names one.
    pub(crate) refuse: Option<StorageError>,
    /// What happens while the next commit is stored.
    pub(crate) meanwhile: Option<Box<dyn FnOnce() + Send>>,
}

impl MemoryStorage {
    /// Batches of a resource, by effect, with the number of their records.
    pub(crate) fn of(&self, resource: &str) -> Vec<(Effect, u64)> {
        let own = self.batches.iter().filter(|batch| batch.resource == resource);
        own.map(|batch| (batch.effect.clone(), record_count(&batch.records))).collect()
    }
}

/// The effect by which all that is stored is replaced.
pub(crate) fn publish(generation: u64) -> Effect {
    Effect::Publish(Publication { generation, scope: None, empty_is_true: false })
}

#[async_trait]
impl Storage for MemoryStorage {
    async fn checkpoint(&mut self) -> Result<Option<String>, StorageError> {
        Ok(self.checkpoint.clone())
    }

    async fn commit(
        &mut self,
        batches: &[Batch],
        checkpoint: &str,
    ) -> Result<Committed, StorageError> {
        if let Some(meanwhile) = self.meanwhile.take() {
            meanwhile();
        }
        let is_refused = |batch: &Batch| match &self.refuse {
            Some(StorageError::EmptyReplacement { resource, .. }) => *resource == batch.resource,
            refuse => refuse.is_some(),
        };
        if batches.iter().any(is_refused)
            && let Some(error) = self.refuse.take()
        {
            return Err(error);
        }
        self.checkpoint = Some(checkpoint.to_owned());
        self.batches.extend_from_slice(batches);
        self.commits.send_modify(|count| *count += 1);
        let changed = |batch: &Batch| Changed { written: record_count(&batch.records), removed: 1 };
        Ok(Committed { batches: batches.iter().map(changed).collect() })
    }

    async fn end_run(
        &mut self,
        resource: &str,
        end: RunEnd,
        checkpoint: &str,
    ) -> Result<(), StorageError> {
        self.ended.push((resource.to_owned(), end));
        self.checkpoint = Some(checkpoint.to_owned());
        Ok(())
    }

    async fn complete(
        &mut self,
        mode: Mode,
        _: OffsetDateTime,
        checkpoint: &str,
    ) -> Result<(), StorageError> {
        self.completed.push(mode);
        self.checkpoint = Some(checkpoint.to_owned());
        Ok(())
    }
}
