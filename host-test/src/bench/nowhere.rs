//! A storage that keeps nothing, where only the way to it is measured.

use time::OffsetDateTime;

use crate::contract::{Batch, Mode};
use crate::storage::{Committed, Storage, StorageError};

/// Forgets all that it is given.
pub struct Nowhere;

impl Storage for Nowhere {
    fn checkpoint(&mut self) -> Result<Option<String>, StorageError> {
        Ok(None)
    }

    fn commit(&mut self, _: &[Batch], _: &str) -> Result<Committed, StorageError> {
        Ok(Committed::default())
    }

    fn abandon(&mut self, _: &str, _: &str) -> Result<(), StorageError> {
        Ok(())
    }

    fn complete(&mut self, _: Mode, _: OffsetDateTime, _: &str) -> Result<(), StorageError> {
        Ok(())
    }
}
