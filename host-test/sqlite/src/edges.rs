//! Edges: the latest version of each. The resource is the edge's kind.

use super::scope::{Scope, rows};
use super::staging;
use super::write_error::WriteError;
use rawdash_host::contract::{Edge, Node, Publication};
use rawdash_host::storage::Changed;
use rawdash_schema::edges::{
    COUNT, COUNT_STAGED, PUBLISH, REMOVE, REMOVE_FROM, REMOVE_STAGED, REMOVE_UNSTAGED, RESTAGE,
    STAGE, UPSERT, ends, ends_of, nodes,
};
use rawdash_schema::insertion::Insertion;

/// Replaces earlier versions, including staged ones, as with entities.
pub(super) fn merge(scope: Scope<'_>, edges: &[Edge]) -> rusqlite::Result<Changed> {
    let written = insert(UPSERT, scope, edges)?;
    if staging::staged(scope)?.is_some() {
        let ends = ends_of(edges);
        scope.statement(RESTAGE)?.execute((scope.connector, scope.resource, ends))?;
    }
    Ok(Changed { written, removed: 0 })
}

/// Replaces the edges that start at these nodes.
pub(super) fn replace_from(
    scope: Scope<'_>,
    from: &[Node],
    edges: &[Edge],
) -> rusqlite::Result<Changed> {
    let removed = scope.statement(REMOVE_FROM)?.execute((
        scope.connector,
        scope.resource,
        nodes(from),
        ends_of(edges),
    ))?;
    Ok(Changed { written: insert(UPSERT, scope, edges)?, removed: rows(removed) })
}

/// Removes edges from what is stored and from what is staged. `removed` counts
/// those that were stored.
pub(super) fn remove(scope: Scope<'_>, edges: &[(Node, Node)]) -> rusqlite::Result<Changed> {
    let ends = ends(edges.iter().map(|(from, to)| (from, to)));
    let removed = scope.statement(REMOVE)?.execute((scope.connector, scope.resource, &ends))?;
    if staging::staged(scope)?.is_some() {
        scope.statement(REMOVE_STAGED)?.execute((scope.connector, scope.resource, &ends))?;
    }
    Ok(Changed { written: 0, removed: rows(removed) })
}

/// Keeps edges aside under a generation.
pub(super) fn stage(
    scope: Scope<'_>,
    generation: u64,
    edges: &[Edge],
) -> rusqlite::Result<Changed> {
    staging::begin(scope, generation)?;
    Ok(Changed { written: insert(STAGE, scope, edges)?, removed: 0 })
}

/// Replaces what is stored by what is staged, and these edges. Counts what
/// changes in readers' sight.
pub(super) fn publish(
    scope: Scope<'_>,
    publication: &Publication,
    edges: &[Edge],
) -> Result<Changed, WriteError> {
    stage(scope, publication.generation, edges)?;
    let (stored, staged) = (scope.number(COUNT)?, scope.number(COUNT_STAGED)?);
    staging::check_empty(scope, publication, stored, staged)?;
    let removed = scope.execute(REMOVE_UNSTAGED)?;
    let written = scope.execute(PUBLISH)?;
    staging::clear(scope)?;
    Ok(Changed { written, removed })
}

fn insert(insertion: Insertion, scope: Scope<'_>, edges: &[Edge]) -> rusqlite::Result<u64> {
    let mut insert = scope.statement(&insertion.sql(1))?;
    let mut written = 0;
    for edge in edges {
        written += rows(insert.execute((
            scope.connector,
            scope.resource,
            &edge.from.type_,
            &edge.from.id,
            &edge.to.type_,
            &edge.to.id,
            &edge.attributes,
            edge.updated_at,
        ))?);
    }
    Ok(written)
}
