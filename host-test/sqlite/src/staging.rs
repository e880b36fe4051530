//! Staged rows, which readers do not see until a replacement is complete.

use rusqlite::OptionalExtension;

use super::scope::Scope;
use rawdash_host::storage::StorageError;

/// Makes `generation` the staged one of the resource, and drops rows of any other.
pub(super) fn begin(scope: Scope<'_>, generation: u64) -> rusqlite::Result<()> {
    // SQLite's integers are signed, but generations are only compared for equality.
    let generation = generation.cast_signed();
    match staged(scope)? {
        Some(current) if current == generation => return Ok(()),
        Some(_) => clear(scope)?,
        None => {}
    }
    scope
        .statement(
            "INSERT INTO host_staging (connector_id, resource, generation) VALUES (?1, ?2, ?3)",
        )?
        .execute((scope.connector, scope.resource, generation))?;
    Ok(())
}

/// The staged generation of the resource, if any.
pub(super) fn staged(scope: Scope<'_>) -> rusqlite::Result<Option<i64>> {
    scope
        .statement("SELECT generation FROM host_staging WHERE connector_id = ?1 AND resource = ?2")?
        .query_row((scope.connector, scope.resource), |row| row.get(0))
        .optional()
}

/// Drops everything staged for the resource.
pub(super) fn clear(scope: Scope<'_>) -> rusqlite::Result<()> {
    for sql in [
        "DELETE FROM host_staged_entities WHERE connector_id = ?1 AND resource = ?2",
        "DELETE FROM host_staged_edges WHERE connector_id = ?1 AND resource = ?2",
        "DELETE FROM host_staging WHERE connector_id = ?1 AND resource = ?2",
    ] {
        scope.execute(sql)?;
    }
    Ok(())
}

/// The error if a replacement of `stored` rows by `staged` ones is refused.
pub(super) fn refusal(resource: &str, stored: i64, staged: i64) -> Option<StorageError> {
    (staged == 0 && stored > 0).then(|| StorageError::EmptyReplacement {
        resource: resource.to_owned(),
        stored: stored.unsigned_abs(),
    })
}
