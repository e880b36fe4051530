//! Staged rows, which readers do not see until a replacement is complete.

use rawdash_host::contract::Publication;
use rawdash_host::storage::StorageError;

/// The staged generation of the resource.
pub const GENERATION: &str =
    "SELECT generation FROM host_staging WHERE connector_id = ?1 AND resource = ?2";

/// Makes `?3` the staged generation of a resource that has none.
pub const BEGIN: &str =
    "INSERT INTO host_staging (connector_id, resource, generation) VALUES (?1, ?2, ?3)";

/// Drops everything staged for the resource.
pub const CLEAR: [&str; 6] = [
    "DELETE FROM host_staged_entities WHERE connector_id = ?1 AND resource = ?2",
    "DELETE FROM host_staged_edges WHERE connector_id = ?1 AND resource = ?2",
    "DELETE FROM host_staged_events WHERE connector_id = ?1 AND resource = ?2",
    "DELETE FROM host_staged_samples WHERE connector_id = ?1 AND resource = ?2",
    "DELETE FROM host_staged_distributions WHERE connector_id = ?1 AND resource = ?2",
    "DELETE FROM host_staging WHERE connector_id = ?1 AND resource = ?2",
];

/// Refuses a publication that would replace `stored` rows of the resource by none and
/// does not say that this is true.
///
/// # Errors
/// [`StorageError::EmptyReplacement`].
pub fn check_empty(
    resource: &str,
    publication: &Publication,
    stored: u64,
    staged: u64,
) -> Result<(), StorageError> {
    if staged > 0 || stored == 0 || publication.empty_is_true {
        return Ok(());
    }
    Err(StorageError::EmptyReplacement { resource: resource.to_owned(), stored })
}
