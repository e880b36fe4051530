//! Edges: the latest version of each. The resource is the edge's kind.

use rawdash_host::contract::{Edge, Node, Publication};
use rawdash_schema::edges::{
    COUNT, COUNT_STAGED, PUBLISH, REMOVE, REMOVE_FROM, REMOVE_STAGED, REMOVE_UNSTAGED, RESTAGE,
    STAGE, UPSERT, ends, ends_of, nodes,
};
use rawdash_schema::staging::check_empty;

use crate::hrana::Value;
use crate::link::Trouble;
use crate::scope::Scope;
use crate::staging;
use crate::tally::Tally;

/// Replaces earlier versions, including staged ones.
pub(crate) async fn merge(scope: &mut Scope<'_, '_>, edges: &[Edge]) -> Result<Tally, Trouble> {
    let written = scope.insert(UPSERT, edges.iter().map(values)).await?;
    if scope.is_staged() {
        scope.push(RESTAGE, vec![ends_of(edges).into()]).await?;
    }
    Ok(Tally::written(written))
}

/// Replaces the edges that start at these nodes.
pub(crate) async fn replace_from(
    scope: &mut Scope<'_, '_>,
    from: &[Node],
    edges: &[Edge],
) -> Result<Tally, Trouble> {
    let further = vec![nodes(from).into(), ends_of(edges).into()];
    let removed = scope.push(REMOVE_FROM, further).await?;
    let written = scope.insert(UPSERT, edges.iter().map(values)).await?;
    Ok(Tally { written, removed: vec![removed] })
}

/// Removes edges from what is stored and from what is staged.
pub(crate) async fn remove(
    scope: &mut Scope<'_, '_>,
    edges: &[(Node, Node)],
) -> Result<Tally, Trouble> {
    let ends = ends(edges.iter().map(|(from, to)| (from, to)));
    let removed = scope.push(REMOVE, vec![ends.as_str().into()]).await?;
    if scope.is_staged() {
        scope.push(REMOVE_STAGED, vec![ends.into()]).await?;
    }
    Ok(Tally::removed(removed))
}

/// Keeps edges aside under a generation.
pub(crate) async fn stage(
    scope: &mut Scope<'_, '_>,
    generation: u64,
    edges: &[Edge],
) -> Result<Tally, Trouble> {
    staging::begin(scope, generation).await?;
    Ok(Tally::written(scope.insert(STAGE, edges.iter().map(values)).await?))
}

/// Replaces what is stored by what is staged, and these edges.
pub(crate) async fn publish(
    scope: &mut Scope<'_, '_>,
    publication: &Publication,
    edges: &[Edge],
) -> Result<Tally, Trouble> {
    stage(scope, publication.generation, edges).await?;
    let stored = scope.number(COUNT, Vec::new()).await?;
    let staged = scope.number(COUNT_STAGED, Vec::new()).await?;
    check_empty(scope.resource, publication, stored, staged).map_err(Trouble::Refused)?;
    let removed = scope.push(REMOVE_UNSTAGED, Vec::new()).await?;
    let written = scope.push(PUBLISH, Vec::new()).await?;
    staging::clear(scope).await?;
    Ok(Tally { written: vec![written], removed: vec![removed] })
}

fn values(edge: &Edge) -> Vec<Value> {
    let Edge { from, to, attributes, updated_at } = edge;
    let ends = [&from.type_, &from.id, &to.type_, &to.id].map(Value::from);
    ends.into_iter().chain([attributes.into(), (*updated_at).into()]).collect()
}
