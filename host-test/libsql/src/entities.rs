//! Entities: the latest version of each.

use rawdash_host::contract::{Entity, Publication};
use rawdash_schema::entities::{
    COUNT, COUNT_STAGED, PUBLISH, REMOVE, REMOVE_STAGED, REMOVE_UNSTAGED, RESTAGE, STAGE, UPSERT,
};
use rawdash_schema::events::id_list;
use rawdash_schema::staging::check_empty;

use crate::hrana::Value;
use crate::link::Trouble;
use crate::scope::Scope;
use crate::staging;
use crate::tally::Tally;

/// Replaces earlier versions, also where these are staged.
pub(crate) async fn merge(
    scope: &mut Scope<'_, '_>,
    entities: &[Entity],
) -> Result<Tally, Trouble> {
    let written = scope.insert(UPSERT, entities.iter().map(values)).await?;
    if scope.is_staged() {
        let ids = id_list(entities.iter().map(|entity| entity.id.as_str()));
        scope.push(RESTAGE, vec![ids.into()]).await?;
    }
    Ok(Tally::written(written))
}

/// Removes entities from the stored and the staged rows.
pub(crate) async fn remove(scope: &mut Scope<'_, '_>, ids: &[String]) -> Result<Tally, Trouble> {
    let ids = id_list(ids.iter().map(String::as_str));
    let removed = scope.push(REMOVE, vec![ids.as_str().into()]).await?;
    if scope.is_staged() {
        scope.push(REMOVE_STAGED, vec![ids.into()]).await?;
    }
    Ok(Tally::removed(removed))
}

/// Stages entities under a generation.
pub(crate) async fn stage(
    scope: &mut Scope<'_, '_>,
    generation: u64,
    entities: &[Entity],
) -> Result<Tally, Trouble> {
    staging::begin(scope, generation).await?;
    Ok(Tally::written(scope.insert(STAGE, entities.iter().map(values)).await?))
}

/// Replaces what is stored by what is staged, and these entities.
pub(crate) async fn publish(
    scope: &mut Scope<'_, '_>,
    publication: &Publication,
    entities: &[Entity],
) -> Result<Tally, Trouble> {
    stage(scope, publication.generation, entities).await?;
    let stored = scope.number(COUNT, Vec::new()).await?;
    let staged = scope.number(COUNT_STAGED, Vec::new()).await?;
    check_empty(scope.resource, publication, stored, staged).map_err(Trouble::Refused)?;
    let removed = scope.push(REMOVE_UNSTAGED, Vec::new()).await?;
    let written = scope.push(PUBLISH, Vec::new()).await?;
    staging::clear(scope).await?;
    Ok(Tally { written: vec![written], removed: vec![removed] })
}

fn values(entity: &Entity) -> Vec<Value> {
    let Entity { id, attributes, updated_at } = entity;
    vec![id.into(), attributes.into(), (*updated_at).into()]
}
