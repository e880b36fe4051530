//! Staged rows, which readers do not see until a replacement is complete.

use rusqlite::OptionalExtension;

use super::scope::Scope;
use rawdash_schema::staging::{BEGIN, CLEAR, GENERATION};

/// Makes `generation` the staged one of the resource, and drops rows of any other.
pub(super) fn begin(scope: Scope<'_>, generation: u64) -> rusqlite::Result<()> {
    // SQLite's integers are signed, but generations are only compared for equality.
    let generation = generation.cast_signed();
    match staged(scope)? {
        Some(current) if current == generation => return Ok(()),
        Some(_) => clear(scope)?,
        None => {}
    }
    scope.execute(BEGIN, &[generation.into()])?;
    Ok(())
}

/// The staged generation of the resource, if any.
pub(super) fn staged(scope: Scope<'_>) -> rusqlite::Result<Option<i64>> {
    scope
        .statement(GENERATION)?
        .query_row((scope.connector, scope.resource), |row| row.get(0))
        .optional()
}

/// Drops everything staged for the resource.
pub(super) fn clear(scope: Scope<'_>) -> rusqlite::Result<()> {
    for sql in CLEAR {
        scope.execute(sql, &[])?;
    }
    Ok(())
}
