//! One batch, written as its effect demands.

use super::scope::Scope;
use super::write_error::WriteError;
use super::{edges, entities, events, timed};
use rawdash_host::contract::{Batch, Edge, Effect, Entity, Event, Records};
use rawdash_host::storage::{Changed, StorageError};
use rawdash_schema::distributions::{self, DISTRIBUTIONS};
use rawdash_schema::samples::{self, SAMPLES};
use rawdash_schema::timed::{Table, TimedRow};

/// Writes one batch of the scope's resource.
pub(super) fn write(scope: Scope<'_>, batch: &Batch) -> Result<Changed, WriteError> {
    let effect = &batch.effect;
    match &batch.records {
        Records::Events(rows) => write_events(scope, effect, rows),
        Records::Entities(rows) => write_entities(scope, effect, rows),
        Records::Edges(rows) => write_edges(scope, effect, rows),
        Records::Samples(rows) => write_timed(scope, effect, SAMPLES, samples::rows(rows)),
        Records::Distributions(rows) => {
            write_timed(scope, effect, DISTRIBUTIONS, distributions::rows(rows))
        }
        Records::Removals(ids) if *effect == Effect::Merge => {
            // A resource has one shape: one of the two tables has none of it.
            let events = events::remove(scope, ids)?;
            let entities = entities::remove(scope, ids)?;
            Ok(Changed { written: 0, removed: events.removed + entities.removed })
        }
        Records::EdgeRemovals(removed) if *effect == Effect::Merge => {
            Ok(edges::remove(scope, removed)?)
        }
        Records::Removals(_) | Records::EdgeRemovals(_) => refused(scope),
    }
}

fn write_events(scope: Scope<'_>, effect: &Effect, rows: &[Event]) -> Result<Changed, WriteError> {
    match effect {
        Effect::Merge => Ok(events::merge(scope, rows)?),
        Effect::ReplaceWindow(window) => Ok(events::replace_window(scope, *window, rows)?),
        Effect::Stage(generation) => Ok(events::stage(scope, *generation, rows)?),
        Effect::Publish(publication) => events::publish(scope, publication, rows),
        Effect::ReplaceFrom(_) => refused(scope),
    }
}

fn write_entities(
    scope: Scope<'_>,
    effect: &Effect,
    rows: &[Entity],
) -> Result<Changed, WriteError> {
    match effect {
        Effect::Merge => Ok(entities::merge(scope, rows)?),
        Effect::Stage(generation) => Ok(entities::stage(scope, *generation, rows)?),
        Effect::Publish(publication) if publication.scope.is_none() => {
            entities::publish(scope, publication, rows)
        }
        Effect::ReplaceWindow(_) | Effect::ReplaceFrom(_) | Effect::Publish(_) => refused(scope),
    }
}

fn write_edges(scope: Scope<'_>, effect: &Effect, rows: &[Edge]) -> Result<Changed, WriteError> {
    match effect {
        Effect::Merge => Ok(edges::merge(scope, rows)?),
        Effect::ReplaceFrom(nodes) => Ok(edges::replace_from(scope, nodes, rows)?),
        Effect::Stage(generation) => Ok(edges::stage(scope, *generation, rows)?),
        Effect::Publish(publication) if publication.scope.is_none() => {
            edges::publish(scope, publication, rows)
        }
        Effect::ReplaceWindow(_) | Effect::Publish(_) => refused(scope),
    }
}

fn write_timed(
    scope: Scope<'_>,
    effect: &Effect,
    table: Table,
    rows: Vec<TimedRow>,
) -> Result<Changed, WriteError> {
    match effect {
        Effect::Merge => Ok(timed::merge(table, scope, rows)?),
        Effect::ReplaceWindow(window) => Ok(timed::replace_window(table, scope, *window, rows)?),
        Effect::Stage(generation) => Ok(timed::stage(table, scope, *generation, &rows)?),
        Effect::Publish(publication) => timed::publish(table, scope, publication, &rows),
        Effect::ReplaceFrom(_) => refused(scope),
    }
}

/// A sync refuses such a batch as a breach of the contract before it arrives
/// here; what its effect would mean, nobody knows.
fn refused(scope: Scope<'_>) -> Result<Changed, WriteError> {
    Err(WriteError::Refused(StorageError::Unavailable {
        message: format!(
            "a batch of {} has an effect that its records do not allow: nothing was stored",
            scope.resource
        ),
    }))
}
