//! The part of one connector in a database.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use rawdash_host::contract::{Batch, Mode, Records};
use rawdash_host::storage::{Changed, Committed, RunEnd, StorageError};
use rawdash_schema::adoption::ADOPT;
use rawdash_schema::connector::{FORGET_ORIGINS, REMEMBER_ORIGIN, RESET, STORE_CHECKPOINT};
use rawdash_schema::freshness::{REPORT_CONNECTOR, REPORT_INSTALLATION};

use crate::fence::{self, Fence};
use crate::hrana::{Rows, Statement};
use crate::link::{Link, Trouble};
use crate::opening::{Part, STAGING, generations};
use crate::scope::Scope;
use crate::tally::Tally;
use crate::transaction::Transaction;
use crate::writer::Writer;
use crate::{query, staging, write};

/// The part of one connector in a database on a server.
///
/// A step whose answer is lost is stored once: before another attempt, the fence tells
/// whether it was. How many rows it changed is then unknown, and counts as none.
pub struct Database {
    link: Link,
    connector: String,
    writer: Writer,
    /// How many calls have written. A transaction of a call that was given up may still
    /// be on its way, so the fence says which call advanced it.
    calls: u64,
    /// The id of the sync that this is opened for.
    sync: Option<String>,
    known: Known,
    /// By resource, the attributes that tell rows of one time apart.
    pub(crate) dimensions: BTreeMap<String, Vec<String>>,
}

/// What is known of the stored state. It is right while the fence is this writer's.
#[derive(Clone, Debug)]
struct Known {
    revision: i64,
    /// Whether the last call was given up, and may have been committed.
    unsure: bool,
    /// By resource, the staged generation.
    staged: BTreeMap<String, i64>,
    /// Resources for which this writer has adopted events without an identity.
    adopted: BTreeSet<String>,
}

/// What one transaction stores.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Work<'a> {
    Step { batches: &'a [Batch], checkpoint: &'a str },
    RunEnd { resource: &'a str, end: RunEnd, checkpoint: &'a str },
    Complete { mode: Mode, at: &'a str, checkpoint: &'a str },
    Origins(&'a [String]),
    Reset,
}

/// What the fence says about a transaction without an answer.
enum Fate {
    Committed,
    NotCommitted,
    /// Another writer has advanced the fence.
    Overtaken(StorageError),
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({:?} at {})", self.connector, self.link.address())
    }
}

impl Database {
    pub(crate) fn new(link: Link, connector: &str, sync: Option<String>, part: Part) -> Database {
        let Part { fence, staged } = part;
        let revision = fence.revision;
        Database {
            link,
            connector: connector.to_owned(),
            writer: Writer::new(),
            calls: 0,
            sync,
            known: Known { revision, unsure: false, staged, adopted: BTreeSet::new() },
            dimensions: BTreeMap::new(),
        }
    }

    /// Drops the checkpoint and the staged rows. The stored rows and the remembered
    /// origins stay.
    ///
    /// # Errors
    /// [`StorageError::Held`] or [`StorageError::Unavailable`]; then nothing was dropped.
    pub async fn reset(&mut self) -> Result<(), StorageError> {
        self.write(Work::Reset).await.map(drop)
    }

    /// The rows of a query about the connector.
    pub(crate) async fn read(&self, sql: &str) -> Result<Rows, StorageError> {
        self.rows(&Statement::new(sql, vec![self.connector.as_str().into()])).await
    }

    async fn rows(&self, statement: &Statement) -> Result<Rows, StorageError> {
        query::rows(&self.link, statement).await.map_err(|trouble| self.link.error(trouble))
    }

    /// Stores the work and advances the fence, in as many attempts as the patience
    /// allows.
    pub(crate) async fn write(&mut self, work: Work<'_>) -> Result<Committed, StorageError> {
        let mut attempts = self.link.attempts();
        self.settle().await?;
        // Before the first attempt: this future may be dropped in the middle of it.
        self.known.unsure = true;
        self.calls += 1;
        let mut after = self.known.clone();
        loop {
            let trouble = match self.attempt(work, &mut after).await {
                Ok(committed) => {
                    self.advance(after);
                    return Ok(committed);
                }
                Err(trouble) => trouble,
            };
            match trouble {
                Trouble::Passing(_) | Trouble::FenceLost => {}
                trouble => return Err(self.link.error(trouble)),
            }
            match self.fate().await {
                Ok(Fate::Committed) => {
                    self.advance(after);
                    return Ok(uncounted(work));
                }
                Ok(Fate::Overtaken(error)) => return Err(error),
                Ok(Fate::NotCommitted) | Err(Trouble::Passing(_)) => {
                    if !attempts.again().await {
                        return Err(self.link.error(trouble));
                    }
                }
                Err(trouble) => return Err(self.link.error(trouble)),
            }
        }
    }

    fn advance(&mut self, after: Known) {
        self.known = Known { revision: self.known.revision + 1, unsure: false, ..after };
    }

    /// What became of this call's transaction, which advances the fence from the known
    /// revision.
    async fn fate(&self) -> Result<Fate, Trouble> {
        let rows = query::rows_once(&self.link, fence::read(&self.connector)).await?;
        let Fence { revision, last, .. } = Fence::of(&rows);
        let own = last.as_ref().is_some_and(|writer| writer.id == self.caller().id);
        Ok(match revision - self.known.revision {
            0 => Fate::NotCommitted,
            1 if own => Fate::Committed,
            _ => Fate::Overtaken(self.overtaken(last.as_ref())),
        })
    }

    /// Learns the revision if the last call was given up.
    pub(crate) async fn settle(&mut self) -> Result<(), StorageError> {
        if !self.known.unsure {
            return Ok(());
        }
        let rows = self.rows(&fence::read(&self.connector)).await?;
        let Fence { revision, last, .. } = Fence::of(&rows);
        let own = last.as_ref().is_some_and(|writer| writer.id.starts_with(&self.writer.id));
        if revision != self.known.revision && !own {
            return Err(self.overtaken(last.as_ref()));
        }
        self.known.staged = generations(&self.read(STAGING).await?);
        (self.known.revision, self.known.unsure) = (revision, false);
        Ok(())
    }

    /// The writer, as the fence has it for this call.
    fn caller(&self) -> Writer {
        Writer { id: format!("{}-{}", self.writer.id, self.calls), ..self.writer.clone() }
    }

    fn overtaken(&self, last: Option<&Writer>) -> StorageError {
        let (connector, address) = (&self.connector, self.link.address());
        let Some(Writer { holder, since, .. }) = last else {
            return self.link.unavailable(
                "was removed or replaced while it was in use and lacks what was stored last: put \
                 the old one back, or keep the new one, and sync again",
            );
        };
        StorageError::Held {
            message: format!(
                "another process is syncing the connector {connector} into {address} ({holder}, \
                 since {since}): wait until it has ended, or stop it"
            ),
        }
    }

    async fn attempt(&self, work: Work<'_>, after: &mut Known) -> Result<Committed, Trouble> {
        *after = self.known.clone();
        let completed = matches!(work, Work::Complete { .. }).then_some(self.sync.as_deref());
        let (revision, writer) = (self.known.revision, self.caller());
        let guard = fence::advance(&self.connector, revision, &writer, completed.flatten());
        let mut transaction = Transaction::writing(&self.link, Some(guard));
        match self.put(&mut transaction, work, after).await {
            Ok(tallies) => {
                let results = transaction.commit().await?;
                let batches = tallies.iter().map(|tally| tally.changed(&results)).collect();
                Ok(Committed { batches })
            }
            Err(trouble) => {
                transaction.abandon().await;
                Err(trouble)
            }
        }
    }

    async fn put(
        &self,
        transaction: &mut Transaction<'_>,
        work: Work<'_>,
        after: &mut Known,
    ) -> Result<Vec<Tally>, Trouble> {
        let mut tallies = Vec::new();
        match work {
            Work::Step { batches, checkpoint } => {
                for batch in batches {
                    let resource = &batch.resource;
                    let adopts = matches!(batch.records, Records::Events(_) | Records::Removals(_))
                        && after.adopted.insert(resource.clone());
                    let mut scope = self.scope(transaction, resource, &mut after.staged);
                    if adopts {
                        for sql in ADOPT {
                            scope.push(sql, Vec::new()).await?;
                        }
                    }
                    tallies.push(write::write(&mut scope, batch).await?);
                }
                self.push(transaction, STORE_CHECKPOINT, &[Some(checkpoint)]).await?;
            }
            Work::RunEnd { resource, end, checkpoint } => {
                if end != RunEnd::Postponed {
                    staging::clear(&mut self.scope(transaction, resource, &mut after.staged))
                        .await?;
                }
                self.push(transaction, STORE_CHECKPOINT, &[Some(checkpoint)]).await?;
            }
            Work::Complete { mode, at, checkpoint } => {
                let backfill = (mode == Mode::Full).then_some(at);
                self.push(transaction, REPORT_CONNECTOR, &[Some(at), backfill]).await?;
                transaction.push(Statement::new(REPORT_INSTALLATION, Vec::new())).await?;
                self.push(transaction, STORE_CHECKPOINT, &[Some(checkpoint)]).await?;
            }
            Work::Origins(origins) => {
                self.push(transaction, FORGET_ORIGINS, &[]).await?;
                for origin in origins {
                    self.push(transaction, REMEMBER_ORIGIN, &[Some(origin)]).await?;
                }
            }
            Work::Reset => {
                for sql in RESET {
                    self.push(transaction, sql, &[]).await?;
                }
                after.staged.clear();
            }
        }
        Ok(tallies)
    }

    fn scope<'a, 'l>(
        &'a self,
        transaction: &'a mut Transaction<'l>,
        resource: &'a str,
        staged: &'a mut BTreeMap<String, i64>,
    ) -> Scope<'a, 'l> {
        let dimensions = self.dimensions.get(resource).map(Vec::as_slice);
        Scope { transaction, connector: &self.connector, resource, dimensions, staged }
    }

    /// Adds a statement with further parameters after the connector.
    async fn push(
        &self,
        transaction: &mut Transaction<'_>,
        sql: &str,
        further: &[Option<&str>],
    ) -> Result<(), Trouble> {
        let further = further.iter().map(|text| (*text).into());
        let args = [self.connector.as_str().into()].into_iter().chain(further).collect();
        transaction.push(Statement::new(sql, args)).await.map(drop)
    }
}

/// The counts of a step whose answer was lost.
fn uncounted(work: Work<'_>) -> Committed {
    let batches = if let Work::Step { batches, .. } = work { batches.len() } else { 0 };
    Committed { batches: vec![Changed::default(); batches] }
}
