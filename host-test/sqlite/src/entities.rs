//! Entities: the latest version of each.

use serde_json::Value;

use super::scope::{Scope, rows};
use super::staging;
use super::write_error::WriteError;
use rawdash_host::contract::{Entity, Publication};
use rawdash_host::storage::Changed;

/// Replaces earlier versions. Unchanged rows are not written again: most users of a
/// latest run are unchanged, and each write would cost a page of WAL.
///
/// While a replacement is staged, an entity that is already staged is updated there
/// too: publishing must not restore the older version that the walk read.
pub(super) fn merge(scope: Scope<'_>, entities: &[Entity]) -> rusqlite::Result<Changed> {
    let mut upsert = scope.statement(
        "INSERT INTO entities (connector_id, type, id, attributes, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (connector_id, type, id) DO UPDATE
         SET attributes = excluded.attributes, updated_at = excluded.updated_at
         WHERE attributes <> excluded.attributes OR updated_at <> excluded.updated_at",
    )?;
    let mut changed = Changed::default();
    for entity in entities {
        changed.written += rows(upsert.execute((
            scope.connector,
            scope.resource,
            &entity.id,
            &entity.attributes,
            entity.updated_at,
        ))?);
    }
    if staging::staged(scope)?.is_some() {
        let ids = entities.iter().map(|entity| entity.id.as_str().into()).collect();
        scope
            .statement(
                "INSERT INTO host_staged_entities
                     (connector_id, resource, id, attributes, updated_at)
                 SELECT connector_id, type, id, attributes, updated_at FROM entities
                 WHERE connector_id = ?1 AND type = ?2
                     AND id IN (SELECT value FROM json_each(?3))
                     AND id IN (SELECT id FROM host_staged_entities
                                WHERE connector_id = ?1 AND resource = ?2)",
            )?
            .execute((scope.connector, scope.resource, Value::Array(ids).to_string()))?;
    }
    Ok(changed)
}

/// Removes entities from the stored and the staged rows. `removed` counts the
/// stored ones.
pub(super) fn remove(scope: Scope<'_>, ids: &[String]) -> rusqlite::Result<Changed> {
    let mut stored = scope
        .statement("DELETE FROM entities WHERE connector_id = ?1 AND type = ?2 AND id = ?3")?;
    let mut changed = Changed::default();
    for id in ids {
        changed.removed += rows(stored.execute((scope.connector, scope.resource, id))?);
    }
    if staging::staged(scope)?.is_some() {
        let ids = ids.iter().map(|id| id.as_str().into()).collect();
        scope
            .statement(
                "DELETE FROM host_staged_entities WHERE connector_id = ?1 AND resource = ?2
                     AND id IN (SELECT value FROM json_each(?3))",
            )?
            .execute((scope.connector, scope.resource, Value::Array(ids).to_string()))?;
    }
    Ok(changed)
}

/// Stages entities under a generation.
pub(super) fn stage(
    scope: Scope<'_>,
    generation: u64,
    entities: &[Entity],
) -> rusqlite::Result<Changed> {
    staging::begin(scope, generation)?;
    let mut append = scope.statement(
        "INSERT INTO host_staged_entities (connector_id, resource, id, attributes, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut changed = Changed::default();
    for entity in entities {
        changed.written += rows(append.execute((
            scope.connector,
            scope.resource,
            &entity.id,
            &entity.attributes,
            entity.updated_at,
        ))?);
    }
    Ok(changed)
}

/// Replaces what is stored by what is staged, and these entities. Counts what
/// changes in readers' sight.
pub(super) fn publish(
    scope: Scope<'_>,
    publication: &Publication,
    entities: &[Entity],
) -> Result<Changed, WriteError> {
    stage(scope, publication.generation, entities)?;
    let stored =
        scope.number("SELECT count(*) FROM entities WHERE connector_id = ?1 AND type = ?2")?;
    let staged = scope.number(
        "SELECT count(*) FROM host_staged_entities WHERE connector_id = ?1 AND resource = ?2",
    )?;
    staging::check_empty(scope, publication, stored, staged)?;
    let removed = scope.execute(
        "DELETE FROM entities WHERE connector_id = ?1 AND type = ?2 AND id NOT IN (
             SELECT id FROM host_staged_entities WHERE connector_id = ?1 AND resource = ?2)",
    )?;
    let written = scope.execute(
        "INSERT INTO entities (connector_id, type, id, attributes, updated_at)
         SELECT connector_id, resource, id, attributes, updated_at FROM host_staged_entities
         WHERE row IN (SELECT max(row) FROM host_staged_entities
                       WHERE connector_id = ?1 AND resource = ?2 GROUP BY id)
         ON CONFLICT (connector_id, type, id) DO UPDATE
         SET attributes = excluded.attributes, updated_at = excluded.updated_at
         WHERE attributes <> excluded.attributes OR updated_at <> excluded.updated_at",
    )?;
    staging::clear(scope)?;
    Ok(Changed { written, removed })
}
