//! One batch, written as its effect demands.

use rawdash_host::contract::{Batch, Edge, Effect, Entity, Event, Records};
use rawdash_host::storage::StorageError;
use rawdash_schema::distributions::{self, DISTRIBUTIONS};
use rawdash_schema::samples::{self, SAMPLES};
use rawdash_schema::timed::{Table, TimedRow};

use crate::link::Trouble;
use crate::scope::Scope;
use crate::tally::Tally;
use crate::{edges, entities, events, timed};

/// Writes one batch of the scope's resource.
pub(crate) async fn write(scope: &mut Scope<'_, '_>, batch: &Batch) -> Result<Tally, Trouble> {
    let effect = &batch.effect;
    match &batch.records {
        Records::Events(rows) => write_events(scope, effect, rows).await,
        Records::Entities(rows) => write_entities(scope, effect, rows).await,
        Records::Edges(rows) => write_edges(scope, effect, rows).await,
        Records::Samples(rows) => write_timed(scope, effect, SAMPLES, samples::rows(rows)).await,
        Records::Distributions(rows) => {
            write_timed(scope, effect, DISTRIBUTIONS, distributions::rows(rows)).await
        }
        Records::Removals(ids) if *effect == Effect::Merge => {
            // A resource has one shape: one of the two tables has none of it.
            let mut tally = events::remove(scope, ids).await?;
            tally.removed.extend(entities::remove(scope, ids).await?.removed);
            Ok(tally)
        }
        Records::EdgeRemovals(removed) if *effect == Effect::Merge => {
            edges::remove(scope, removed).await
        }
        Records::Removals(_) | Records::EdgeRemovals(_) => refused(scope),
    }
}

async fn write_events(
    scope: &mut Scope<'_, '_>,
    effect: &Effect,
    rows: &[Event],
) -> Result<Tally, Trouble> {
    match effect {
        Effect::Merge => events::merge(scope, rows).await,
        Effect::ReplaceWindow(window) => events::replace_window(scope, *window, rows).await,
        Effect::Stage(generation) => events::stage(scope, *generation, rows).await,
        Effect::Publish(publication) => events::publish(scope, publication, rows).await,
        Effect::ReplaceFrom(_) => refused(scope),
    }
}

async fn write_entities(
    scope: &mut Scope<'_, '_>,
    effect: &Effect,
    rows: &[Entity],
) -> Result<Tally, Trouble> {
    match effect {
        Effect::Merge => entities::merge(scope, rows).await,
        Effect::Stage(generation) => entities::stage(scope, *generation, rows).await,
        Effect::Publish(publication) if publication.scope.is_none() => {
            entities::publish(scope, publication, rows).await
        }
        Effect::ReplaceWindow(_) | Effect::ReplaceFrom(_) | Effect::Publish(_) => refused(scope),
    }
}

async fn write_edges(
    scope: &mut Scope<'_, '_>,
    effect: &Effect,
    rows: &[Edge],
) -> Result<Tally, Trouble> {
    match effect {
        Effect::Merge => edges::merge(scope, rows).await,
        Effect::ReplaceFrom(nodes) => edges::replace_from(scope, nodes, rows).await,
        Effect::Stage(generation) => edges::stage(scope, *generation, rows).await,
        Effect::Publish(publication) if publication.scope.is_none() => {
            edges::publish(scope, publication, rows).await
        }
        Effect::ReplaceWindow(_) | Effect::Publish(_) => refused(scope),
    }
}

async fn write_timed(
    scope: &mut Scope<'_, '_>,
    effect: &Effect,
    table: Table,
    rows: Vec<TimedRow>,
) -> Result<Tally, Trouble> {
    match effect {
        Effect::Merge => timed::merge(table, scope, rows).await,
        Effect::ReplaceWindow(window) => timed::replace_window(table, scope, *window, rows).await,
        Effect::Stage(generation) => timed::stage(table, scope, *generation, &rows).await,
        Effect::Publish(publication) => timed::publish(table, scope, publication, &rows).await,
        Effect::ReplaceFrom(_) => refused(scope),
    }
}

/// A sync refuses such a batch as a breach of the contract before it arrives
/// here; what its effect would mean, nobody knows.
fn refused(scope: &Scope<'_, '_>) -> Result<Tally, Trouble> {
    Err(Trouble::Refused(StorageError::Unavailable {
        message: format!(
            "a batch of {} has an effect that its records do not allow: nothing was stored",
            scope.resource
        ),
    }))
}
