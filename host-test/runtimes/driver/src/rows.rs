//! Rows as JSON, with the columns of rawdash's storage.

use serde_json::{Value, json};

use crate::bindings::rawdash::connector::connector::{Batch, Effect};
use crate::bindings::rawdash::connector::shapes::{Entity, Event, Records, Sample};

/// The rows of a batch. Only the shapes and effects that the tested connectors have
/// are written out; any other makes the comparison fail.
pub(crate) fn rows(batch: &Batch) -> Vec<Value> {
    let rows: Vec<Value> = match &batch.records {
        Records::Entities(entities) => entities.iter().map(entity).collect(),
        Records::Events(events) => events.iter().map(event).collect(),
        Records::Samples(samples) => samples.iter().map(sample).collect(),
        Records::Removals(ids) => ids.iter().map(|id| json!({ "removed": id })).collect(),
        other => vec![json!({ "unknown": format!("{other:?}") })],
    };
    let effect = match batch.effect {
        Effect::Merge => "merge",
        Effect::ReplaceWindow(_) => "replace-window",
        Effect::ReplaceFrom(_) => "replace-from",
        Effect::Stage(_) => "stage",
        Effect::Publish(_) => "publish",
    };
    let row = |row| json!({ "resource": batch.resource, "effect": effect, "row": row });
    rows.into_iter().map(row).collect()
}

fn entity(Entity { id, updated_at, attributes }: &Entity) -> Value {
    json!({ "id": id, "updated_at": updated_at, "attributes": read(attributes) })
}

fn event(Event { id, start, end, attributes }: &Event) -> Value {
    json!({ "id": id, "start": start, "end": end, "attributes": read(attributes) })
}

fn sample(Sample { at, value, attributes }: &Sample) -> Value {
    json!({ "at": at, "value": value, "attributes": read(attributes) })
}

fn read(attributes: &str) -> Value {
    serde_json::from_str(attributes).unwrap_or(Value::Null)
}
