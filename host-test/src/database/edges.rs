//! Edges: the last version of each, whole. The resource is the edge's kind.

use rusqlite::CachedStatement;

use super::scope::{Scope, rows};
use super::staging;
use super::write::WriteError;
use crate::contract::Edge;
use crate::storage::Changed;

/// Replaces earlier versions, staged ones too, as entities do.
pub(super) fn merge(scope: Scope<'_>, edges: &[Edge]) -> rusqlite::Result<Changed> {
    let mut upsert = scope.statement(
        "INSERT INTO edges
             (connector_id, kind, from_type, from_id, to_type, to_id, attributes, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (connector_id, from_type, from_id, kind, to_type, to_id) DO UPDATE
         SET attributes = excluded.attributes, updated_at = excluded.updated_at
         WHERE attributes <> excluded.attributes OR updated_at <> excluded.updated_at",
    )?;
    let mut restage = scope.statement(
        "UPDATE host_staged_edges SET attributes = ?7, updated_at = ?8
         WHERE connector_id = ?1 AND resource = ?2
             AND from_type = ?3 AND from_id = ?4 AND to_type = ?5 AND to_id = ?6",
    )?;
    let staged = staging::staged(scope)?.is_some();
    let mut changed = Changed::default();
    for edge in edges {
        changed.written += execute(&mut upsert, scope, edge)?;
        if staged {
            execute(&mut restage, scope, edge)?;
        }
    }
    Ok(changed)
}

/// Keeps edges aside under a generation.
pub(super) fn stage(
    scope: Scope<'_>,
    generation: u64,
    edges: &[Edge],
) -> rusqlite::Result<Changed> {
    staging::begin(scope, generation)?;
    let mut upsert = scope.statement(
        "INSERT INTO host_staged_edges
             (connector_id, resource, from_type, from_id, to_type, to_id, attributes, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (connector_id, resource, from_type, from_id, to_type, to_id) DO UPDATE
         SET attributes = excluded.attributes, updated_at = excluded.updated_at
         WHERE attributes <> excluded.attributes OR updated_at <> excluded.updated_at",
    )?;
    let mut changed = Changed::default();
    for edge in edges {
        changed.written += execute(&mut upsert, scope, edge)?;
    }
    Ok(changed)
}

/// Makes what is staged under the generation, and `edges`, all that is stored.
/// Counts what changes in readers' sight.
pub(super) fn replace(
    scope: Scope<'_>,
    generation: u64,
    edges: &[Edge],
) -> Result<Changed, WriteError> {
    stage(scope, generation, edges)?;
    let stored =
        scope.number("SELECT count(*) FROM edges WHERE connector_id = ?1 AND kind = ?2")?;
    let staged = scope.number(
        "SELECT count(*) FROM host_staged_edges WHERE connector_id = ?1 AND resource = ?2",
    )?;
    if let Some(refusal) = staging::refusal(scope.resource, stored, staged) {
        return Err(refusal.into());
    }
    let removed = scope.execute(
        "DELETE FROM edges WHERE connector_id = ?1 AND kind = ?2 AND NOT EXISTS (
             SELECT 1 FROM host_staged_edges AS staged
             WHERE staged.connector_id = ?1 AND staged.resource = ?2
                 AND staged.from_type = edges.from_type AND staged.from_id = edges.from_id
                 AND staged.to_type = edges.to_type AND staged.to_id = edges.to_id)",
    )?;
    let written = scope.execute(
        "INSERT INTO edges
             (connector_id, kind, from_type, from_id, to_type, to_id, attributes, updated_at)
         SELECT connector_id, resource, from_type, from_id, to_type, to_id, attributes, updated_at
         FROM host_staged_edges WHERE connector_id = ?1 AND resource = ?2
         ON CONFLICT (connector_id, from_type, from_id, kind, to_type, to_id) DO UPDATE
         SET attributes = excluded.attributes, updated_at = excluded.updated_at
         WHERE attributes <> excluded.attributes OR updated_at <> excluded.updated_at",
    )?;
    staging::clear(scope)?;
    Ok(Changed { written, removed })
}

fn execute(
    statement: &mut CachedStatement<'_>,
    scope: Scope<'_>,
    edge: &Edge,
) -> rusqlite::Result<u64> {
    statement
        .execute((
            scope.connector,
            scope.resource,
            &edge.from.type_,
            &edge.from.id,
            &edge.to.type_,
            &edge.to.id,
            &edge.attributes,
            edge.updated_at,
        ))
        .map(rows)
}
