//! Edges: the latest version of each. The resource is the edge's kind.

use rawdash_host::contract::{Edge, Node};
use serde_json::{Value, json};

use crate::insertion::Insertion;

/// Adds edges or replaces earlier versions: the two ends, attributes, time.
pub const UPSERT: Insertion = Insertion {
    into: "INSERT INTO edges
         (connector_id, kind, from_type, from_id, to_type, to_id, attributes, updated_at)",
    columns: 6,
    conflict: "ON CONFLICT (connector_id, from_type, from_id, kind, to_type, to_id) DO UPDATE
         SET attributes = excluded.attributes, updated_at = excluded.updated_at
         WHERE attributes <> excluded.attributes OR updated_at <> excluded.updated_at",
};

/// Stages edges: the two ends, attributes, time.
pub const STAGE: Insertion = Insertion {
    into: "INSERT INTO host_staged_edges
         (connector_id, resource, from_type, from_id, to_type, to_id, attributes, updated_at)",
    columns: 6,
    conflict: "",
};

/// Stages what is stored of the edges in the JSON list `?3`, where they are staged
/// already, as with entities.
pub const RESTAGE: &str = "INSERT INTO host_staged_edges (connector_id, resource,
         from_type, from_id, to_type, to_id, attributes, updated_at)
     SELECT connector_id, kind,
         from_type, from_id, to_type, to_id, attributes, updated_at FROM edges
     WHERE connector_id = ?1 AND kind = ?2
         AND (from_type, from_id, to_type, to_id) IN (
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3
             FROM json_each(?3))
         AND (from_type, from_id, to_type, to_id) IN (
             SELECT from_type, from_id, to_type, to_id FROM host_staged_edges
             WHERE connector_id = ?1 AND resource = ?2)";

/// Removes the edges that start at the nodes in the JSON list `?3`, except those in the
/// JSON list `?4`.
pub const REMOVE_FROM: &str = "DELETE FROM edges WHERE connector_id = ?1 AND kind = ?2
     AND (from_type, from_id) IN (
         SELECT value ->> 0, value ->> 1 FROM json_each(?3))
     AND (from_type, from_id, to_type, to_id) NOT IN (
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3
         FROM json_each(?4))";

/// Removes the edges in the JSON list `?3`.
pub const REMOVE: &str = "DELETE FROM edges WHERE connector_id = ?1 AND kind = ?2
     AND (from_type, from_id, to_type, to_id) IN (
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3
         FROM json_each(?3))";

/// Removes the staged edges in the JSON list `?3`.
pub const REMOVE_STAGED: &str =
    "DELETE FROM host_staged_edges WHERE connector_id = ?1 AND resource = ?2
     AND (from_type, from_id, to_type, to_id) IN (
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3
         FROM json_each(?3))";

/// How many are stored.
pub const COUNT: &str = "SELECT count(*) FROM edges WHERE connector_id = ?1 AND kind = ?2";

/// How many are staged.
pub const COUNT_STAGED: &str =
    "SELECT count(*) FROM host_staged_edges WHERE connector_id = ?1 AND resource = ?2";

/// Removes what is not staged.
pub const REMOVE_UNSTAGED: &str = "DELETE FROM edges WHERE connector_id = ?1 AND kind = ?2
     AND (from_type, from_id, to_type, to_id) NOT IN (
         SELECT from_type, from_id, to_type, to_id FROM host_staged_edges
         WHERE connector_id = ?1 AND resource = ?2)";

/// Stores the last version of each staged edge.
pub const PUBLISH: &str = "INSERT INTO edges
         (connector_id, kind, from_type, from_id, to_type, to_id, attributes, updated_at)
     SELECT connector_id, resource, from_type, from_id, to_type, to_id, attributes, updated_at
     FROM host_staged_edges
     WHERE row IN (SELECT max(row) FROM host_staged_edges
                   WHERE connector_id = ?1 AND resource = ?2
                   GROUP BY from_type, from_id, to_type, to_id)
     ON CONFLICT (connector_id, from_type, from_id, kind, to_type, to_id) DO UPDATE
     SET attributes = excluded.attributes, updated_at = excluded.updated_at
     WHERE attributes <> excluded.attributes OR updated_at <> excluded.updated_at";

/// The ends of the edges, as a JSON list.
pub fn ends<'a>(edges: impl IntoIterator<Item = (&'a Node, &'a Node)>) -> String {
    let ends = |(from, to): (&Node, &Node)| json!([from.type_, from.id, to.type_, to.id]);
    Value::Array(edges.into_iter().map(ends).collect()).to_string()
}

/// The ends of these edges, as a JSON list.
pub fn ends_of(edges: &[Edge]) -> String {
    ends(edges.iter().map(|edge| (&edge.from, &edge.to)))
}

/// The nodes as a JSON list.
pub fn nodes(nodes: &[Node]) -> String {
    Value::Array(nodes.iter().map(|node| json!([node.type_, node.id])).collect()).to_string()
}
