//! Events: each is stored once, identified by its source's id.

use rawdash_host::contract::{Event, Publication, Window};
use rawdash_host::storage::StorageError;
use rawdash_schema::events::{
    ADOPT, COUNT, COUNT_OUTSIDE, COUNT_STAGED, PUBLISH, REMOVE, REMOVE_STAGED, REMOVE_UNSTAGED,
    REMOVE_WINDOW, RESTAGE, STAGE, UPSERT, id_list, ids,
};
use rawdash_schema::staging::check_empty;

use crate::hrana::Value;
use crate::link::Trouble;
use crate::scope::Scope;
use crate::staging;
use crate::tally::Tally;

/// Adds the events, or puts them in the place of those with the same id, also
/// where these are staged.
pub(crate) async fn merge(scope: &mut Scope<'_, '_>, events: &[Event]) -> Result<Tally, Trouble> {
    let written = scope.insert(UPSERT, events.iter().map(values)).await?;
    if scope.is_staged() {
        scope.push(RESTAGE, vec![ids(events).into()]).await?;
    }
    Ok(Tally::written(written))
}

/// Removes events from what is stored and from what is staged.
pub(crate) async fn remove(scope: &mut Scope<'_, '_>, ids: &[String]) -> Result<Tally, Trouble> {
    let ids = id_list(ids.iter().map(String::as_str));
    let removed = scope.push(REMOVE, vec![ids.as_str().into()]).await?;
    if scope.is_staged() {
        scope.push(REMOVE_STAGED, vec![ids.into()]).await?;
    }
    Ok(Tally::removed(removed))
}

/// Replaces the events that start within the window.
pub(crate) async fn replace_window(
    scope: &mut Scope<'_, '_>,
    window: Window,
    events: &[Event],
) -> Result<Tally, Trouble> {
    let further = vec![window.start.into(), window.end.into(), ids(events).into()];
    let removed = scope.push(REMOVE_WINDOW, further).await?;
    let written = scope.insert(UPSERT, events.iter().map(values)).await?;
    Ok(Tally { written, removed: vec![removed] })
}

/// Keeps events aside under a generation.
pub(crate) async fn stage(
    scope: &mut Scope<'_, '_>,
    generation: u64,
    events: &[Event],
) -> Result<Tally, Trouble> {
    staging::begin(scope, generation).await?;
    Ok(Tally::written(scope.insert(STAGE, events.iter().map(values)).await?))
}

/// Replaces what is stored, or what starts within the publication's window, by
/// what is staged, and these events.
pub(crate) async fn publish(
    scope: &mut Scope<'_, '_>,
    publication: &Publication,
    events: &[Event],
) -> Result<Tally, Trouble> {
    stage(scope, publication.generation, events).await?;
    let window = publication.scope.unwrap_or(Window { start: i64::MIN, end: i64::MAX });
    let bounds = || vec![window.start.into(), window.end.into()];
    let stored = scope.number(COUNT, bounds()).await?;
    if scope.number(COUNT_OUTSIDE, bounds()).await? > 0 {
        let resource = scope.resource.to_owned();
        return Err(Trouble::Refused(StorageError::StagedOutside { resource }));
    }
    let staged = scope.number(COUNT_STAGED, Vec::new()).await?;
    check_empty(scope.resource, publication, stored, staged).map_err(Trouble::Refused)?;
    let removed = scope.push(REMOVE_UNSTAGED, bounds()).await?;
    let written = scope.push(PUBLISH, Vec::new()).await?;
    staging::clear(scope).await?;
    Ok(Tally { written: vec![written], removed: vec![removed] })
}

/// Gives events that another program stored their identity.
pub(crate) async fn adopt(scope: &mut Scope<'_, '_>) -> Result<(), Trouble> {
    for sql in ADOPT {
        scope.push(sql, Vec::new()).await?;
    }
    Ok(())
}

fn values(event: &Event) -> Vec<Value> {
    let Event { id, start, end, attributes } = event;
    vec![id.into(), (*start).into(), (*end).into(), attributes.into()]
}
