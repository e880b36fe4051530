//! Entities: the latest version of each.

use rawdash_host::contract::{Effect, Entity};

use crate::actions::Action;
use crate::cell::Cell;
use crate::insertion::Insertion;
use crate::keyed::{Keyed, Replaced, id_list};

/// The columns of a row: id, attributes, time.
pub(crate) const ENTITIES: Keyed = Keyed {
    upsert: Insertion {
        into: "entities (connector_id, type, id, attributes, updated_at)",
        columns: 3,
        conflict: "ON CONFLICT (connector_id, type, id) DO UPDATE
             SET attributes = excluded.attributes, updated_at = excluded.updated_at
             WHERE attributes <> excluded.attributes OR updated_at <> excluded.updated_at",
        autoincrement: false,
    },
    stage: Insertion {
        into: "host_staged_entities (connector_id, resource, id, attributes, updated_at)",
        columns: 3,
        conflict: "",
        autoincrement: false,
    },
    restage: "INSERT INTO host_staged_entities
             (connector_id, resource, id, attributes, updated_at)
         SELECT connector_id, type, id, attributes, updated_at FROM entities
         WHERE connector_id = ?1 AND type = ?2
             AND id IN (SELECT value FROM json_each(?3))
             AND id IN (SELECT id FROM host_staged_entities
                        WHERE connector_id = ?1 AND resource = ?2)",
    remove: "DELETE FROM entities WHERE connector_id = ?1 AND type = ?2
         AND id IN (SELECT value FROM json_each(?3))",
    remove_staged: "DELETE FROM host_staged_entities WHERE connector_id = ?1 AND resource = ?2
         AND id IN (SELECT value FROM json_each(?3))",
    count: "SELECT count(*) FROM entities WHERE connector_id = ?1 AND type = ?2",
    count_staged: "SELECT count(*) FROM host_staged_entities
         WHERE connector_id = ?1 AND resource = ?2",
    remove_unstaged: "DELETE FROM entities WHERE connector_id = ?1 AND type = ?2 AND id NOT IN (
         SELECT id FROM host_staged_entities WHERE connector_id = ?1 AND resource = ?2)",
    publish: "INSERT INTO entities (connector_id, type, id, attributes, updated_at)
         SELECT connector_id, resource, id, attributes, updated_at FROM host_staged_entities
         WHERE row IN (SELECT max(row) FROM host_staged_entities
                       WHERE connector_id = ?1 AND resource = ?2 GROUP BY id)
         ON CONFLICT (connector_id, type, id) DO UPDATE
         SET attributes = excluded.attributes, updated_at = excluded.updated_at
         WHERE attributes <> excluded.attributes OR updated_at <> excluded.updated_at",
    replaced: Replaced::All,
};

/// What the effect takes, if entities allow it.
pub(crate) fn actions<'a>(
    entities: &'a [Entity],
    effect: &'a Effect,
    is_staged: bool,
) -> Option<Vec<Action<'a>>> {
    let cells = entities.iter().flat_map(row).collect();
    let ids = || id_list(entities.iter().map(|entity| &entity.id));
    match effect {
        Effect::Merge => Some(ENTITIES.merge(cells, is_staged.then(ids))),
        Effect::Stage(generation) => Some(ENTITIES.stage(*generation, cells)),
        Effect::Publish(publication) => ENTITIES.publish(publication, cells),
        Effect::ReplaceWindow(_) | Effect::ReplaceFrom(_) => None,
    }
}

fn row(entity: &Entity) -> [Cell<'_>; 3] {
    let Entity { id, attributes, updated_at } = entity;
    [id.into(), attributes.into(), (*updated_at).into()]
}
