//! Entities: the latest version of each.

use super::scope::{Scope, rows};
use super::staging;
use super::write_error::WriteError;
use rawdash_host::contract::{Entity, Publication};
use rawdash_host::storage::Changed;
use rawdash_schema::entities::{
    COUNT, COUNT_STAGED, PUBLISH, REMOVE, REMOVE_STAGED, REMOVE_UNSTAGED, RESTAGE, STAGE, UPSERT,
};
use rawdash_schema::events::id_list;
use rawdash_schema::insertion::Insertion;

/// Replaces earlier versions, also where these are staged.
pub(super) fn merge(scope: Scope<'_>, entities: &[Entity]) -> rusqlite::Result<Changed> {
    let written = insert(UPSERT, scope, entities)?;
    if staging::staged(scope)?.is_some() {
        let ids = id_list(entities.iter().map(|entity| entity.id.as_str()));
        scope.statement(RESTAGE)?.execute((scope.connector, scope.resource, ids))?;
    }
    Ok(Changed { written, removed: 0 })
}

/// Removes entities from the stored and the staged rows. `removed` counts the
/// stored ones.
pub(super) fn remove(scope: Scope<'_>, ids: &[String]) -> rusqlite::Result<Changed> {
    let ids = id_list(ids.iter().map(String::as_str));
    let removed = scope.statement(REMOVE)?.execute((scope.connector, scope.resource, &ids))?;
    if staging::staged(scope)?.is_some() {
        scope.statement(REMOVE_STAGED)?.execute((scope.connector, scope.resource, &ids))?;
    }
    Ok(Changed { written: 0, removed: rows(removed) })
}

/// Stages entities under a generation.
pub(super) fn stage(
    scope: Scope<'_>,
    generation: u64,
    entities: &[Entity],
) -> rusqlite::Result<Changed> {
    staging::begin(scope, generation)?;
    Ok(Changed { written: insert(STAGE, scope, entities)?, removed: 0 })
}

/// Replaces what is stored by what is staged, and these entities. Counts what
/// changes in readers' sight.
pub(super) fn publish(
    scope: Scope<'_>,
    publication: &Publication,
    entities: &[Entity],
) -> Result<Changed, WriteError> {
    stage(scope, publication.generation, entities)?;
    let (stored, staged) = (scope.number(COUNT)?, scope.number(COUNT_STAGED)?);
    staging::check_empty(scope, publication, stored, staged)?;
    let removed = scope.execute(REMOVE_UNSTAGED)?;
    let written = scope.execute(PUBLISH)?;
    staging::clear(scope)?;
    Ok(Changed { written, removed })
}

/// Inserts one after the other: several in one statement are not faster.
fn insert(insertion: Insertion, scope: Scope<'_>, entities: &[Entity]) -> rusqlite::Result<u64> {
    let mut insert = scope.statement(&insertion.sql(1))?;
    let mut written = 0;
    for entity in entities {
        written += rows(insert.execute((
            scope.connector,
            scope.resource,
            &entity.id,
            &entity.attributes,
            entity.updated_at,
        ))?);
    }
    Ok(written)
}
