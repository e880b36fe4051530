//! Edges: the latest version of each. The resource is the edge's kind.

use rusqlite::CachedStatement;
use serde_json::{Value, json};

use super::scope::{Scope, rows};
use super::staging;
use super::write_error::WriteError;
use rawdash_host::contract::{Edge, Node, Publication};
use rawdash_host::storage::Changed;

/// Replaces earlier versions, including staged ones, as with entities.
pub(super) fn merge(scope: Scope<'_>, edges: &[Edge]) -> rusqlite::Result<Changed> {
    let changed = upsert(scope, edges)?;
    if staging::staged(scope)?.is_some() {
        let ends = edges.iter().map(|edge| ends(&edge.from, &edge.to)).collect();
        scope
            .statement(
                "INSERT INTO host_staged_edges (connector_id, resource,
                     from_type, from_id, to_type, to_id, attributes, updated_at)
                 SELECT connector_id, kind,
                     from_type, from_id, to_type, to_id, attributes, updated_at FROM edges
                 WHERE connector_id = ?1 AND kind = ?2
                     AND (from_type, from_id, to_type, to_id) IN (
                         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3
                         FROM json_each(?3))
                     AND (from_type, from_id, to_type, to_id) IN (
                         SELECT from_type, from_id, to_type, to_id FROM host_staged_edges
                         WHERE connector_id = ?1 AND resource = ?2)",
            )?
            .execute((scope.connector, scope.resource, Value::Array(ends).to_string()))?;
    }
    Ok(changed)
}

fn upsert(scope: Scope<'_>, edges: &[Edge]) -> rusqlite::Result<Changed> {
    let mut upsert = scope.statement(
        "INSERT INTO edges
             (connector_id, kind, from_type, from_id, to_type, to_id, attributes, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (connector_id, from_type, from_id, kind, to_type, to_id) DO UPDATE
         SET attributes = excluded.attributes, updated_at = excluded.updated_at
         WHERE attributes <> excluded.attributes OR updated_at <> excluded.updated_at",
    )?;
    let mut changed = Changed::default();
    for edge in edges {
        changed.written += execute(&mut upsert, scope, edge)?;
    }
    Ok(changed)
}

fn ends(from: &Node, to: &Node) -> Value {
    json!([from.type_, from.id, to.type_, to.id])
}

/// Replaces the edges that start at these nodes.
pub(super) fn replace_from(
    scope: Scope<'_>,
    nodes: &[Node],
    edges: &[Edge],
) -> rusqlite::Result<Changed> {
    let nodes = nodes.iter().map(|node| json!([node.type_, node.id])).collect();
    let kept = edges.iter().map(|edge| ends(&edge.from, &edge.to)).collect();
    let removed = scope
        .statement(
            "DELETE FROM edges WHERE connector_id = ?1 AND kind = ?2
                 AND (from_type, from_id) IN (
                     SELECT value ->> 0, value ->> 1 FROM json_each(?3))
                 AND (from_type, from_id, to_type, to_id) NOT IN (
                     SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3
                     FROM json_each(?4))",
        )?
        .execute((
            scope.connector,
            scope.resource,
            Value::Array(nodes).to_string(),
            Value::Array(kept).to_string(),
        ))?;
    let Changed { written, .. } = upsert(scope, edges)?;
    Ok(Changed { written, removed: rows(removed) })
}

/// Removes edges from what is stored and from what is staged. `removed` counts
/// those that were stored.
pub(super) fn remove(scope: Scope<'_>, edges: &[(Node, Node)]) -> rusqlite::Result<Changed> {
    let all = Value::Array(edges.iter().map(|(from, to)| ends(from, to)).collect()).to_string();
    let removed = scope
        .statement(
            "DELETE FROM edges WHERE connector_id = ?1 AND kind = ?2
                 AND (from_type, from_id, to_type, to_id) IN (
                     SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3
                     FROM json_each(?3))",
        )?
        .execute((scope.connector, scope.resource, &all))?;
    if staging::staged(scope)?.is_some() {
        scope
            .statement(
                "DELETE FROM host_staged_edges WHERE connector_id = ?1 AND resource = ?2
                     AND (from_type, from_id, to_type, to_id) IN (
                         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3
                         FROM json_each(?3))",
            )?
            .execute((scope.connector, scope.resource, &all))?;
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
    let mut append = scope.statement(
        "INSERT INTO host_staged_edges
             (connector_id, resource, from_type, from_id, to_type, to_id, attributes, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let mut changed = Changed::default();
    for edge in edges {
        changed.written += execute(&mut append, scope, edge)?;
    }
    Ok(changed)
}

/// Replaces what is stored by what is staged, and these edges. Counts what
/// changes in readers' sight.
pub(super) fn publish(
    scope: Scope<'_>,
    publication: &Publication,
    edges: &[Edge],
) -> Result<Changed, WriteError> {
    stage(scope, publication.generation, edges)?;
    let stored =
        scope.number("SELECT count(*) FROM edges WHERE connector_id = ?1 AND kind = ?2")?;
    let staged = scope.number(
        "SELECT count(*) FROM host_staged_edges WHERE connector_id = ?1 AND resource = ?2",
    )?;
    staging::check_empty(scope, publication, stored, staged)?;
    let removed = scope.execute(
        "DELETE FROM edges WHERE connector_id = ?1 AND kind = ?2
         AND (from_type, from_id, to_type, to_id) NOT IN (
             SELECT from_type, from_id, to_type, to_id FROM host_staged_edges
             WHERE connector_id = ?1 AND resource = ?2)",
    )?;
    let written = scope.execute(
        "INSERT INTO edges
             (connector_id, kind, from_type, from_id, to_type, to_id, attributes, updated_at)
         SELECT connector_id, resource, from_type, from_id, to_type, to_id, attributes, updated_at
         FROM host_staged_edges
         WHERE row IN (SELECT max(row) FROM host_staged_edges
                       WHERE connector_id = ?1 AND resource = ?2
                       GROUP BY from_type, from_id, to_type, to_id)
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
