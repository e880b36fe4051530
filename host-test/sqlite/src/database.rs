//! The part of one connector in a database.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
use time::OffsetDateTime;

use crate::identity::Identity;
use crate::lock::ConnectorLock;
use crate::problem::{OpenError, unavailable};
use crate::scope::Scope;
use crate::write_error::WriteError;
use crate::write_gap::WriteGap;
use crate::{adoption, freshness, opening, staging, write};
use rawdash_host::contract::{Batch, Mode, Records, ResourceInfo};
use rawdash_host::storage::{Committed, RunEnd, StorageError};
use rawdash_schema::connector::{
    CHECKPOINT, FORGET_ORIGINS, ORIGINS, REMEMBER_ORIGIN, RESET, STORE_CHECKPOINT,
};
use rawdash_schema::freshness::iso;
use rawdash_schema::timed;

/// The part of one connector in a database. It is locked against other processes
/// while this value exists.
#[derive(Debug)]
pub struct Database {
    pub(crate) connection: Connection,
    path: PathBuf,
    identity: Identity,
    connector: String,
    /// Resources for which this process has adopted events without an identity.
    adopted: BTreeSet<String>,
    /// By resource, the attributes that tell rows of one time apart.
    dimensions: BTreeMap<String, Vec<String>>,
    /// What is left to other writers.
    pub(crate) write_gap: WriteGap,
    _lock: ConnectorLock,
}

impl Database {
    /// Opens the part of `connector` (rawdash's `connector_id`) in the file at
    /// `path`. Creates the file if it does not exist, and adds the missing tables
    /// to one that rawdash created.
    ///
    /// # Errors
    /// [`OpenError::Busy`] when another process has this part open;
    /// [`OpenError::Unavailable`] when the file cannot be used.
    pub fn open(path: &Path, connector: &str) -> Result<Database, OpenError> {
        let path = opening::file(path)?;
        let lock = ConnectorLock::take(&path, connector)
            .map_err(|error| error.explain(&path, connector))?;
        let connection = opening::connect(&path)?;
        let identity = Identity::of(&path).map_err(|_| gone(&path))?;
        Ok(Database {
            connection,
            path,
            identity,
            connector: connector.to_owned(),
            adopted: BTreeSet::new(),
            dimensions: BTreeMap::new(),
            write_gap: WriteGap::default(),
            _lock: lock,
        })
    }

    /// The file's canonical path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Sets how long to wait for another process that has locked the file. The
    /// default is 5 seconds.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`].
    pub fn set_patience(&mut self, patience: Duration) -> Result<(), StorageError> {
        self.connection.busy_timeout(patience).map_err(|error| unavailable(&self.path, &error))
    }

    /// Drops the checkpoint and the staged rows. The stored rows and the remembered
    /// origins stay.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`]; then nothing was dropped.
    pub fn reset(&mut self) -> Result<(), StorageError> {
        self.write(|transaction, connector| {
            for sql in RESET {
                transaction.execute(sql, [connector])?;
            }
            Ok(())
        })
    }

    /// The origins that were accepted for the connector, sorted; none before
    /// the first sync.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`].
    pub fn origins(&mut self) -> Result<Vec<String>, StorageError> {
        self.connection
            .prepare_cached(ORIGINS)
            .and_then(|mut statement| {
                statement.query_map([&self.connector], |row| row.get(0))?.collect()
            })
            .map_err(|error| unavailable(&self.path, &error))
    }

    /// Remembers exactly these origins as accepted for the connector.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`]; then the previous ones stay.
    pub fn remember_origins(&mut self, origins: &[String]) -> Result<(), StorageError> {
        self.write(|transaction, connector| {
            transaction.execute(FORGET_ORIGINS, [connector])?;
            for origin in origins {
                transaction.execute(REMEMBER_ORIGIN, (connector, origin))?;
            }
            Ok(())
        })
    }

    /// Runs `work` in one transaction: all of it is stored, or nothing.
    fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, &str) -> Result<T, WriteError>,
    ) -> Result<T, StorageError> {
        let Database { connection, path, identity, connector, write_gap, .. } = self;
        std::thread::sleep(write_gap.pause(Instant::now()));
        // Immediate: a transaction that reads first and then finds the file locked
        // fails at once, without waiting.
        let result = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(WriteError::Sqlite)
            .and_then(|transaction| {
                let begun = Instant::now();
                let value = work(&transaction, connector);
                let value = value.and_then(|value| Ok(transaction.commit().map(|()| value)?));
                write_gap.held(begun, Instant::now());
                value
            });
        let value = result.map_err(|error| match error {
            WriteError::Sqlite(error) => unavailable(path, &error),
            WriteError::Refused(error) => error,
        })?;
        // Checked after the commit, because the file could be removed until then.
        match Identity::of(path) {
            Ok(found) if found == *identity => Ok(value),
            _ => Err(gone(path)),
        }
    }
}

fn gone(path: &Path) -> StorageError {
    StorageError::Unavailable {
        message: format!(
            "{} was removed or replaced while it was in use and lacks what was stored last: put \
             the old file back, or keep the new one, and sync again",
            path.display()
        ),
    }
}

/// The methods of [`Storage`](rawdash_host::storage::Storage) as blocking functions.
impl Database {
    /// The checkpoint stored last, if any.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`].
    pub fn checkpoint(&mut self) -> Result<Option<String>, StorageError> {
        self.connection
            .query_row(CHECKPOINT, [&self.connector], |row| row.get(0))
            .optional()
            .map_err(|error| unavailable(&self.path, &error))
    }

    /// The resources as the configuration has them: from now on samples and
    /// distributions are distinguished by their dimensions.
    pub fn prepare(&mut self, resources: &[ResourceInfo]) {
        self.dimensions = timed::dimensions(resources);
    }

    /// Stores the batches of one step and the checkpoint after them, all or
    /// nothing.
    ///
    /// # Errors
    /// Those of [`StorageError`]; then nothing of it is stored.
    pub fn commit(
        &mut self,
        batches: &[Batch],
        checkpoint: &str,
    ) -> Result<Committed, StorageError> {
        let adopting: BTreeSet<String> = batches
            .iter()
            .filter(|batch| matches!(batch.records, Records::Events(_) | Records::Removals(_)))
            .map(|batch| batch.resource.clone())
            .filter(|resource| !self.adopted.contains(resource))
            .collect();
        let all_dimensions = std::mem::take(&mut self.dimensions);
        let committed = self.write(|transaction, connector| {
            let scope = |resource| {
                let dimensions = all_dimensions.get(resource).map(Vec::as_slice);
                Scope { transaction, connector, resource, dimensions }
            };
            for resource in &adopting {
                adoption::adopt(scope(resource))?;
            }
            let mut committed = Committed::default();
            for batch in batches {
                let changed = write::write(scope(&batch.resource), batch)?;
                committed.batches.push(changed);
            }
            store_checkpoint(transaction, connector, checkpoint)?;
            Ok(committed)
        });
        self.dimensions = all_dimensions;
        let committed = committed?;
        // Only now: had the transaction failed, nothing was adopted.
        self.adopted.extend(adopting);
        if batches.is_empty() {
            self.release_memory()?;
        }
        Ok(committed)
    }

    /// Releases the memory of cached pages. Every wait follows a commit without
    /// batches, and one process may have many syncs that wait.
    fn release_memory(&self) -> Result<(), StorageError> {
        let released = self.connection.execute_batch("PRAGMA shrink_memory");
        released.map_err(|error| unavailable(&self.path, &error))
    }

    /// Stores that the run of a resource ended, and the checkpoint, all or
    /// nothing. What is staged for it is dropped unless it is postponed: nothing
    /// will publish it.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`].
    pub fn end_run(
        &mut self,
        resource: &str,
        end: RunEnd,
        checkpoint: &str,
    ) -> Result<(), StorageError> {
        self.write(|transaction, connector| {
            if end != RunEnd::Postponed {
                staging::clear(Scope { transaction, connector, resource, dimensions: None })?;
            }
            store_checkpoint(transaction, connector, checkpoint)?;
            Ok(())
        })
    }

    /// Stores that every wanted resource is complete, in rawdash's tables too, and the
    /// checkpoint, all or nothing.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`].
    pub fn complete(
        &mut self,
        mode: Mode,
        at: OffsetDateTime,
        checkpoint: &str,
    ) -> Result<(), StorageError> {
        let at = iso(at)?;
        self.write(|transaction, connector| {
            freshness::report(transaction, connector, &at, mode == Mode::Full)?;
            store_checkpoint(transaction, connector, checkpoint)?;
            Ok(())
        })
    }
}

fn store_checkpoint(
    transaction: &Transaction<'_>,
    connector: &str,
    checkpoint: &str,
) -> rusqlite::Result<()> {
    transaction.prepare_cached(STORE_CHECKPOINT)?.execute((connector, checkpoint))?;
    Ok(())
}
