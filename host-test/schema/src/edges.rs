//! Edges: the latest version of each. The resource is the edge's kind.

use rawdash_host::contract::{Edge, Effect, Node};
use serde_json::{Value, json};

use crate::actions::{Action, Statement};
use crate::cell::Cell;
use crate::insertion::Insertion;
use crate::keyed::{Keyed, Replaced};

/// The columns of a row: the two ends, attributes, time. The ends are the key.
pub(crate) const EDGES: Keyed = Keyed {
    upsert: Insertion {
        into: "edges
             (connector_id, kind, from_type, from_id, to_type, to_id, attributes, updated_at)",
        columns: 6,
        conflict: "ON CONFLICT (connector_id, from_type, from_id, kind, to_type, to_id) DO UPDATE
             SET attributes = excluded.attributes, updated_at = excluded.updated_at
             WHERE attributes <> excluded.attributes OR updated_at <> excluded.updated_at",
        autoincrement: false,
    },
    stage: Insertion {
        into: "host_staged_edges
             (connector_id, resource, from_type, from_id, to_type, to_id, attributes, updated_at)",
        columns: 6,
        conflict: "",
        autoincrement: false,
    },
    restage: "INSERT INTO host_staged_edges (connector_id, resource,
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
    remove: "DELETE FROM edges WHERE connector_id = ?1 AND kind = ?2
         AND (from_type, from_id, to_type, to_id) IN (
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3
             FROM json_each(?3))",
    remove_staged: "DELETE FROM host_staged_edges WHERE connector_id = ?1 AND resource = ?2
         AND (from_type, from_id, to_type, to_id) IN (
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3
             FROM json_each(?3))",
    count: "SELECT count(*) FROM edges WHERE connector_id = ?1 AND kind = ?2",
    count_staged: "SELECT count(*) FROM host_staged_edges
         WHERE connector_id = ?1 AND resource = ?2",
    remove_unstaged: "DELETE FROM edges WHERE connector_id = ?1 AND kind = ?2
         AND (from_type, from_id, to_type, to_id) NOT IN (
             SELECT from_type, from_id, to_type, to_id FROM host_staged_edges
             WHERE connector_id = ?1 AND resource = ?2)",
    publish: "INSERT INTO edges
             (connector_id, kind, from_type, from_id, to_type, to_id, attributes, updated_at)
         SELECT connector_id, resource, from_type, from_id, to_type, to_id, attributes, updated_at
         FROM host_staged_edges
         WHERE row IN (SELECT max(row) FROM host_staged_edges
                       WHERE connector_id = ?1 AND resource = ?2
                       GROUP BY from_type, from_id, to_type, to_id)
         ON CONFLICT (connector_id, from_type, from_id, kind, to_type, to_id) DO UPDATE
         SET attributes = excluded.attributes, updated_at = excluded.updated_at
         WHERE attributes <> excluded.attributes OR updated_at <> excluded.updated_at",
    replaced: Replaced::All,
};

/// Removes the edges that start at the nodes in the JSON list `?3`, except those in the
/// JSON list `?4`.
const REMOVE_FROM: &str = "DELETE FROM edges WHERE connector_id = ?1 AND kind = ?2
     AND (from_type, from_id) IN (
         SELECT value ->> 0, value ->> 1 FROM json_each(?3))
     AND (from_type, from_id, to_type, to_id) NOT IN (
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3
         FROM json_each(?4))";

/// What the effect takes, if edges allow it.
pub(crate) fn actions<'a>(
    edges: &'a [Edge],
    effect: &'a Effect,
    is_staged: bool,
) -> Option<Vec<Action<'a>>> {
    let cells = edges.iter().flat_map(row).collect();
    let ends = || ends(edges.iter().map(|edge| (&edge.from, &edge.to)));
    match effect {
        Effect::Merge => Some(EDGES.merge(cells, is_staged.then(ends))),
        Effect::ReplaceFrom(from) => {
            let further = [nodes(from).into(), ends().into()];
            Some(vec![Action::Remove(Statement::new(REMOVE_FROM, further)), EDGES.upsert(cells)])
        }
        Effect::Stage(generation) => Some(EDGES.stage(*generation, cells)),
        Effect::Publish(publication) => EDGES.publish(publication, cells),
        Effect::ReplaceWindow(_) => None,
    }
}

fn row(edge: &Edge) -> [Cell<'_>; 6] {
    let Edge { from, to, attributes, updated_at } = edge;
    let (Node { type_: from_type, id: from_id }, Node { type_: to_type, id: to_id }) = (from, to);
    let [attributes, updated_at] = [attributes.into(), (*updated_at).into()];
    [from_type.into(), from_id.into(), to_type.into(), to_id.into(), attributes, updated_at]
}

/// The ends of edges, as a JSON list.
pub(crate) fn ends<'a>(edges: impl IntoIterator<Item = (&'a Node, &'a Node)>) -> String {
    let ends = |(from, to): (&Node, &Node)| json!([from.type_, from.id, to.type_, to.id]);
    Value::Array(edges.into_iter().map(ends).collect()).to_string()
}

/// The nodes as a JSON list.
fn nodes(nodes: &[Node]) -> String {
    Value::Array(nodes.iter().map(|node| json!([node.type_, node.id])).collect()).to_string()
}
