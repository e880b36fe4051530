//! Staged rows, which readers do not see until a replacement is complete.

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
