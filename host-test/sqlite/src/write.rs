//! Writing one batch according to its effect.

use super::scope::Scope;
use super::write_error::WriteError;
use super::{distributions, edges, entities, events, samples};
use rawdash_host::contract::{Batch, Effect, Records};
use rawdash_host::storage::{Changed, StorageError};

/// Writes one batch of the scope's resource.
pub(super) fn write(scope: Scope<'_>, batch: &Batch) -> Result<Changed, WriteError> {
    let changed = match (&batch.records, batch.effect) {
        (Records::Events(events), Effect::Merge) => events::merge(scope, events)?,
        (Records::Entities(entities), Effect::Merge) => entities::merge(scope, entities)?,
        (Records::Entities(entities), Effect::Stage(generation)) => {
            entities::stage(scope, generation, entities)?
        }
        (Records::Entities(entities), Effect::ReplaceAll(generation)) => {
            entities::replace(scope, generation, entities)?
        }
        (Records::Removals(ids), Effect::Merge) => entities::remove(scope, ids)?,
        (Records::Edges(edges), Effect::Merge) => edges::merge(scope, edges)?,
        (Records::Edges(edges), Effect::Stage(generation)) => {
            edges::stage(scope, generation, edges)?
        }
        (Records::Edges(edges), Effect::ReplaceAll(generation)) => {
            edges::replace(scope, generation, edges)?
        }
        (Records::Samples(samples), Effect::ReplaceWindow(window)) => {
            samples::replace_window(scope, window, samples)?
        }
        (Records::Distributions(distributions), Effect::ReplaceWindow(window)) => {
            distributions::replace_window(scope, window, distributions)?
        }
        // `rawdash_host::validation` refuses such a batch before it reaches a
        // storage. Its effect has no meaning.
        _ => {
            return Err(WriteError::Refused(StorageError::Unavailable {
                message: format!(
                    "a batch of {} has an effect that its records do not allow: nothing was stored",
                    scope.resource
                ),
            }));
        }
    };
    Ok(changed)
}
