//! Events: each is stored once, identified by its source's id.

use rawdash_host::contract::{Effect, Event};

use crate::actions::{Action, Statement};
use crate::cell::Cell;
use crate::insertion::Insertion;
use crate::keyed::{Keyed, Replaced, id_list};

/// The columns of a row: id, start, end, attributes.
pub(crate) const EVENTS: Keyed = Keyed {
    upsert: Insertion {
        into: "events (connector_id, name, event_id, start_ts, end_ts, attributes)",
        columns: 4,
        conflict: "ON CONFLICT (connector_id, name, event_id) WHERE event_id IS NOT NULL DO UPDATE
             SET start_ts = excluded.start_ts, end_ts = excluded.end_ts,
                 attributes = excluded.attributes
             WHERE start_ts <> excluded.start_ts OR end_ts IS NOT excluded.end_ts
                 OR attributes <> excluded.attributes",
        autoincrement: true,
    },
    stage: Insertion {
        into: "host_staged_events
             (connector_id, resource, event_id, start_ts, end_ts, attributes)",
        columns: 4,
        conflict: "",
        autoincrement: false,
    },
    restage: "INSERT INTO host_staged_events
             (connector_id, resource, event_id, start_ts, end_ts, attributes)
         SELECT connector_id, name, event_id, start_ts, end_ts, attributes FROM events
         WHERE connector_id = ?1 AND name = ?2
             AND event_id IN (SELECT value FROM json_each(?3))
             AND event_id IN (SELECT event_id FROM host_staged_events
                              WHERE connector_id = ?1 AND resource = ?2)",
    remove: "DELETE FROM events WHERE connector_id = ?1 AND name = ?2
         AND event_id IN (SELECT value FROM json_each(?3))",
    remove_staged: "DELETE FROM host_staged_events WHERE connector_id = ?1 AND resource = ?2
         AND event_id IN (SELECT value FROM json_each(?3))",
    count: "SELECT count(*) FROM events
         WHERE connector_id = ?1 AND name = ?2 AND start_ts BETWEEN ?3 AND ?4",
    count_staged: "SELECT count(*) FROM host_staged_events
         WHERE connector_id = ?1 AND resource = ?2",
    remove_unstaged: "DELETE FROM events WHERE connector_id = ?1 AND name = ?2
         AND start_ts BETWEEN ?3 AND ?4
         AND (event_id IS NULL OR event_id NOT IN (
             SELECT event_id FROM host_staged_events
             WHERE connector_id = ?1 AND resource = ?2))",
    publish: "INSERT INTO events (connector_id, name, event_id, start_ts, end_ts, attributes)
         SELECT connector_id, resource, event_id, start_ts, end_ts, attributes
         FROM host_staged_events
         WHERE row IN (SELECT max(row) FROM host_staged_events
                       WHERE connector_id = ?1 AND resource = ?2 GROUP BY event_id)
         ON CONFLICT (connector_id, name, event_id) WHERE event_id IS NOT NULL DO UPDATE
         SET start_ts = excluded.start_ts, end_ts = excluded.end_ts,
             attributes = excluded.attributes
         WHERE start_ts <> excluded.start_ts OR end_ts IS NOT excluded.end_ts
             OR attributes <> excluded.attributes",
    replaced: Replaced::Window {
        count_outside: "SELECT count(*) FROM host_staged_events
             WHERE row IN (SELECT max(row) FROM host_staged_events
                           WHERE connector_id = ?1 AND resource = ?2 GROUP BY event_id)
                 AND start_ts NOT BETWEEN ?3 AND ?4",
    },
};

/// Removes the events that start from `?3` to `?4`, except those in the JSON list `?5`.
const REMOVE_WINDOW: &str = "DELETE FROM events WHERE connector_id = ?1 AND name = ?2
     AND start_ts BETWEEN ?3 AND ?4
     AND (event_id IS NULL OR event_id NOT IN (SELECT value FROM json_each(?5)))";

/// What the effect takes, if events allow it.
pub(crate) fn actions<'a>(
    events: &'a [Event],
    effect: &'a Effect,
    is_staged: bool,
) -> Option<Vec<Action<'a>>> {
    let cells = events.iter().flat_map(row).collect();
    let ids = || id_list(events.iter().map(|event| &event.id));
    Some(match effect {
        Effect::Merge => EVENTS.merge(cells, is_staged.then(ids)),
        Effect::ReplaceWindow(window) => {
            let further = [window.start.into(), window.end.into(), ids().into()];
            vec![Action::Remove(Statement::new(REMOVE_WINDOW, further)), EVENTS.upsert(cells)]
        }
        Effect::Stage(generation) => EVENTS.stage(*generation, cells),
        Effect::Publish(publication) => return EVENTS.publish(publication, cells),
        Effect::ReplaceFrom(_) => return None,
    })
}

fn row(event: &Event) -> [Cell<'_>; 4] {
    let Event { id, start, end, attributes } = event;
    [id.into(), (*start).into(), (*end).into(), attributes.into()]
}
