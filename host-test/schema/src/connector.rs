//! A connector's checkpoint and the origins that were accepted for it.

/// The checkpoint stored last.
pub const CHECKPOINT: &str = "SELECT checkpoint FROM host_checkpoints WHERE connector_id = ?1";

/// Stores the checkpoint `?2`.
pub const STORE_CHECKPOINT: &str =
    "INSERT INTO host_checkpoints (connector_id, checkpoint) VALUES (?1, ?2)
     ON CONFLICT (connector_id) DO UPDATE SET checkpoint = excluded.checkpoint
     WHERE checkpoint <> excluded.checkpoint";

/// The accepted origins, sorted.
pub const ORIGINS: &str = "SELECT origin FROM host_origins WHERE connector_id = ?1 ORDER BY origin";

/// Forgets the accepted origins.
pub const FORGET_ORIGINS: &str = "DELETE FROM host_origins WHERE connector_id = ?1";

/// Remembers the origin `?2`.
pub const REMEMBER_ORIGIN: &str =
    "INSERT OR IGNORE INTO host_origins (connector_id, origin) VALUES (?1, ?2)";

/// Drops the checkpoint and everything staged.
pub const RESET: [&str; 7] = [
    "DELETE FROM host_checkpoints WHERE connector_id = ?1",
    "DELETE FROM host_staged_entities WHERE connector_id = ?1",
    "DELETE FROM host_staged_edges WHERE connector_id = ?1",
    "DELETE FROM host_staged_events WHERE connector_id = ?1",
    "DELETE FROM host_staged_samples WHERE connector_id = ?1",
    "DELETE FROM host_staged_distributions WHERE connector_id = ?1",
    "DELETE FROM host_staging WHERE connector_id = ?1",
];
