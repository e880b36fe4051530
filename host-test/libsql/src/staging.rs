//! Staged rows, which readers do not see until a replacement is complete.

use rawdash_schema::staging::{BEGIN, CLEAR};

use crate::link::Trouble;
use crate::scope::Scope;

/// Makes `generation` the staged one of the resource, and drops rows of any other.
pub(crate) async fn begin(scope: &mut Scope<'_, '_>, generation: u64) -> Result<(), Trouble> {
    // SQLite's integers are signed, but generations are only compared for equality.
    let generation = generation.cast_signed();
    match scope.staged.get(scope.resource) {
        Some(current) if *current == generation => return Ok(()),
        Some(_) => clear(scope).await?,
        None => {}
    }
    scope.push(BEGIN, vec![generation.into()]).await?;
    scope.staged.insert(scope.resource.to_owned(), generation);
    Ok(())
}

/// Drops everything staged for the resource.
pub(crate) async fn clear(scope: &mut Scope<'_, '_>) -> Result<(), Trouble> {
    for sql in CLEAR {
        scope.push(sql, Vec::new()).await?;
    }
    scope.staged.remove(scope.resource);
    Ok(())
}
