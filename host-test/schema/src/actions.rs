//! What storing a batch takes: statements and their order, as values. Storages execute
//! them, each in its way.

use rawdash_host::contract::{Batch, Effect, Records};
use rawdash_host::storage::StorageError;

use crate::cell::Cell;
use crate::comparison::Comparison;
use crate::distributions::{self, DISTRIBUTIONS};
use crate::edges::{self, EDGES};
use crate::entities::{self, ENTITIES};
use crate::events::{self, EVENTS};
use crate::insertion::Insertion;
use crate::keyed::id_list;
use crate::publication::Check;
use crate::samples::{self, SAMPLES};
use crate::timed::{self, Table};

/// One of the actions that store a batch.
#[derive(Clone, Debug)]
pub enum Action<'a> {
    /// Makes the generation the staged one of the resource: drops rows of any other.
    BeginStaging(u64),
    /// Inserts rows.
    Insert {
        /// The statement.
        insertion: Insertion,
        /// The columns after the connector and the resource, row by row.
        cells: Vec<Cell<'a>>,
        /// Whether they count as written.
        counts: bool,
    },
    /// Executes a statement whose rows count as written.
    Write(Statement<'a>),
    /// Executes a statement whose rows count as removed.
    Remove(Statement<'a>),
    /// Executes a statement whose rows do not count.
    Execute(Statement<'a>),
    /// Refuses a publication, and with it the step.
    Check(Check<'a>),
    /// Compares rows with stored ones in memory, and changes those that differ.
    Compare(Table, Comparison<'a>),
    /// Drops everything staged for the resource.
    ClearStaging,
}

/// A statement about one resource of one connector.
#[derive(Clone, Debug)]
pub struct Statement<'a> {
    /// Its text.
    pub sql: &'static str,
    /// Its parameters after the connector and the resource.
    pub further: Vec<Cell<'a>>,
}

impl<'a> Statement<'a> {
    pub(crate) fn new(
        sql: &'static str,
        further: impl IntoIterator<Item = Cell<'a>>,
    ) -> Statement<'a> {
        Statement { sql, further: further.into_iter().collect() }
    }
}

/// The actions that store a batch, in their order, if its resource has a staged
/// generation or has none.
///
/// # Errors
/// When its records do not allow its effect. A sync refuses such a batch as a breach of
/// the contract before it arrives here; what its effect would mean, nobody knows.
pub fn actions(batch: &Batch, is_staged: bool) -> Result<Vec<Action<'_>>, StorageError> {
    let effect = &batch.effect;
    let actions = match &batch.records {
        Records::Events(events) => events::actions(events, effect, is_staged),
        Records::Entities(entities) => entities::actions(entities, effect, is_staged),
        Records::Edges(edges) => edges::actions(edges, effect, is_staged),
        Records::Samples(samples) => {
            timed::actions(SAMPLES, samples::rows(samples), effect, is_staged)
        }
        Records::Distributions(distributions) => {
            timed::actions(DISTRIBUTIONS, distributions::rows(distributions), effect, is_staged)
        }
        Records::Removals(ids) if *effect == Effect::Merge => {
            // A resource has one shape: one of the two tables has none of it.
            let ids = id_list(ids);
            Some([EVENTS.remove(ids.clone(), is_staged), ENTITIES.remove(ids, is_staged)].concat())
        }
        Records::EdgeRemovals(edges) if *effect == Effect::Merge => {
            let ends = edges::ends(edges.iter().map(|(from, to)| (from, to)));
            Some(EDGES.remove(ends, is_staged))
        }
        Records::Removals(_) | Records::EdgeRemovals(_) => None,
    };
    actions.ok_or_else(|| StorageError::Unavailable {
        message: format!(
            "a batch of {} has an effect that its records do not allow: nothing was stored",
            batch.resource
        ),
    })
}
