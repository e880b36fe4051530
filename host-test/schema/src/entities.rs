//! Entities: the latest version of each.

use crate::insertion::Insertion;

/// Adds entities or replaces earlier versions: id, attributes, time. Unchanged rows are
/// not written again: most users of a latest run are unchanged, and each write would
/// cost a page of WAL.
pub const UPSERT: Insertion = Insertion {
    into: "INSERT INTO entities (connector_id, type, id, attributes, updated_at)",
    columns: 3,
    conflict: "ON CONFLICT (connector_id, type, id) DO UPDATE
         SET attributes = excluded.attributes, updated_at = excluded.updated_at
         WHERE attributes <> excluded.attributes OR updated_at <> excluded.updated_at",
};

/// Stages entities: id, attributes, time.
pub const STAGE: Insertion = Insertion {
    into: "INSERT INTO host_staged_entities (connector_id, resource, id, attributes, updated_at)",
    columns: 3,
    conflict: "",
};

/// Stages what is stored of the entities in the JSON list `?3`, where they are staged
/// already: publishing must not restore the older version that the walk read.
pub const RESTAGE: &str =
    "INSERT INTO host_staged_entities (connector_id, resource, id, attributes, updated_at)
     SELECT connector_id, type, id, attributes, updated_at FROM entities
     WHERE connector_id = ?1 AND type = ?2
         AND id IN (SELECT value FROM json_each(?3))
         AND id IN (SELECT id FROM host_staged_entities
                    WHERE connector_id = ?1 AND resource = ?2)";

/// Removes the entities in the JSON list `?3`.
pub const REMOVE: &str = "DELETE FROM entities WHERE connector_id = ?1 AND type = ?2
     AND id IN (SELECT value FROM json_each(?3))";

/// Removes the staged entities in the JSON list `?3`.
pub const REMOVE_STAGED: &str =
    "DELETE FROM host_staged_entities WHERE connector_id = ?1 AND resource = ?2
     AND id IN (SELECT value FROM json_each(?3))";

/// How many are stored.
pub const COUNT: &str = "SELECT count(*) FROM entities WHERE connector_id = ?1 AND type = ?2";

/// How many are staged.
pub const COUNT_STAGED: &str =
    "SELECT count(*) FROM host_staged_entities WHERE connector_id = ?1 AND resource = ?2";

/// Removes what is not staged.
pub const REMOVE_UNSTAGED: &str =
    "DELETE FROM entities WHERE connector_id = ?1 AND type = ?2 AND id NOT IN (
         SELECT id FROM host_staged_entities WHERE connector_id = ?1 AND resource = ?2)";

/// Stores the last version of each staged entity.
pub const PUBLISH: &str = "INSERT INTO entities (connector_id, type, id, attributes, updated_at)
     SELECT connector_id, resource, id, attributes, updated_at FROM host_staged_entities
     WHERE row IN (SELECT max(row) FROM host_staged_entities
                   WHERE connector_id = ?1 AND resource = ?2 GROUP BY id)
     ON CONFLICT (connector_id, type, id) DO UPDATE
     SET attributes = excluded.attributes, updated_at = excluded.updated_at
     WHERE attributes <> excluded.attributes OR updated_at <> excluded.updated_at";
