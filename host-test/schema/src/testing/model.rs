//! What a database should hold, in maps: the reference for random sequences of
//! commits. It follows the text of the contract and uses no SQL.

use std::collections::BTreeMap;

use rawdash_host::contract::{Batch, Effect, Node, Records};
use rawdash_host::storage::RunEnd;
use serde_json::{Map, Value};

/// Connector and resource. A resource has one shape.
type Place = (String, String);

/// What tells a row apart from others of its resource.
type Key = Vec<String>;

/// What a row says, and when it is.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    time: i64,
    text: String,
}

/// All rows of all connectors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    stored: BTreeMap<Place, BTreeMap<Key, Row>>,
    checkpoints: BTreeMap<String, String>,
    staged: BTreeMap<Place, (u64, BTreeMap<Key, Row>)>,
}

impl Model {
    /// Models a commit: all of it, or `false` and nothing.
    pub fn commit(&mut self, connector: &str, batches: &[Batch], checkpoint: &str) -> bool {
        let mut next = self.clone();
        if !batches.iter().all(|batch| next.write(connector, batch)) {
            return false;
        }
        next.checkpoints.insert(connector.to_owned(), checkpoint.to_owned());
        *self = next;
        true
    }

    /// The same as the end of a run.
    pub fn end_run(&mut self, connector: &str, resource: &str, end: RunEnd, checkpoint: &str) {
        if end != RunEnd::Postponed {
            self.staged.remove(&(connector.to_owned(), resource.to_owned()));
        }
        self.checkpoints.insert(connector.to_owned(), checkpoint.to_owned());
    }

    /// Every row, sorted.
    pub fn rows(&self) -> Vec<String> {
        let mut rows = Vec::new();
        for ((connector, resource), stored) in &self.stored {
            rows.extend(stored.values().map(|row| format!("{connector} {resource} {}", row.text)));
        }
        rows.sort();
        rows
    }

    /// Every checkpoint, sorted.
    pub fn checkpoints(&self) -> Vec<String> {
        let row = |(connector, checkpoint)| format!("{connector} {checkpoint}");
        let mut rows: Vec<String> = self.checkpoints.iter().map(row).collect();
        rows.sort();
        rows
    }

    /// Models a reset.
    pub fn reset(&mut self, connector: &str) {
        self.staged.retain(|(name, _), _| name != connector);
        self.checkpoints.remove(connector);
    }

    fn write(&mut self, connector: &str, batch: &Batch) -> bool {
        let place = (connector.to_owned(), batch.resource.clone());
        let stored = self.stored.entry(place.clone()).or_default();
        if let Some(keys) = removals(&batch.records) {
            for key in keys {
                stored.remove(&key);
                if let Some((_, staged)) = self.staged.get_mut(&place) {
                    staged.remove(&key);
                }
            }
            return true;
        }
        let rows = rows(&batch.records);
        match &batch.effect {
            Effect::Merge => {
                for (key, row) in rows {
                    stored.insert(key.clone(), row.clone());
                    if let Some((_, staged)) = self.staged.get_mut(&place)
                        && let Some(older) = staged.get_mut(&key)
                    {
                        *older = row;
                    }
                }
            }
            Effect::ReplaceWindow(window) => {
                stored.retain(|_, row| row.time < window.start || row.time > window.end);
                stored.extend(rows);
            }
            Effect::ReplaceFrom(nodes) => {
                let from: Vec<Key> = nodes.iter().map(ends_at).collect();
                stored.retain(|key, _| !from.iter().any(|node| key.starts_with(node)));
                stored.extend(rows);
            }
            Effect::Stage(generation) => self.stage(&place, *generation, rows),
            Effect::Publish(publication) => {
                self.stage(&place, publication.generation, rows);
                let (_, whole) = self.staged.remove(&place).unwrap_or_default();
                let within = |row: &Row| {
                    publication
                        .scope
                        .is_none_or(|window| window.start <= row.time && row.time <= window.end)
                };
                let stored = self.stored.entry(place).or_default();
                let replaced = stored.values().filter(|row| within(row)).count();
                let empty = whole.is_empty() && replaced > 0 && !publication.empty_is_true;
                if empty || !whole.values().all(within) {
                    return false;
                }
                stored.retain(|_, row| !within(row));
                stored.extend(whole);
            }
        }
        true
    }

    fn stage(&mut self, place: &Place, generation: u64, rows: Vec<(Key, Row)>) {
        let entry =
            self.staged.entry(place.clone()).or_insert_with(|| (generation, BTreeMap::new()));
        if entry.0 != generation {
            *entry = (generation, BTreeMap::new());
        }
        entry.1.extend(rows);
    }
}

fn removals(records: &Records) -> Option<Vec<Key>> {
    match records {
        Records::Removals(ids) => Some(ids.iter().map(|id| vec![id.clone()]).collect()),
        Records::EdgeRemovals(edges) => {
            Some(edges.iter().map(|(from, to)| [ends_at(from), ends_at(to)].concat()).collect())
        }
        _ => None,
    }
}

fn ends_at(node: &Node) -> Key {
    vec![node.type_.clone(), node.id.clone()]
}

/// Time and the dimension `d`, as passed to `prepare`.
fn timed_key(at: i64, attributes: &str) -> Key {
    let members: Map<String, Value> = serde_json::from_str(attributes).unwrap();
    vec![at.to_string(), members.get("d").map_or_else(String::new, Value::to_string)]
}

fn rows(records: &Records) -> Vec<(Key, Row)> {
    let row = |key: Key, time: i64, text: String| (key, Row { time, text });
    match records {
        Records::Events(events) => events
            .iter()
            .map(|e| {
                let end = e.end.map_or("-".to_owned(), |end| end.to_string());
                let text = format!("{} {} {end} {}", e.id, e.start, e.attributes);
                row(vec![e.id.clone()], e.start, text)
            })
            .collect(),
        Records::Entities(entities) => entities
            .iter()
            .map(|e| {
                let text = format!("{} {} {}", e.id, e.updated_at, e.attributes);
                row(vec![e.id.clone()], 0, text)
            })
            .collect(),
        Records::Edges(edges) => edges
            .iter()
            .map(|e| {
                let key = [ends_at(&e.from), ends_at(&e.to)].concat();
                let text = format!("{} {} {}", key.join(" "), e.updated_at, e.attributes);
                row(key, 0, text)
            })
            .collect(),
        Records::Samples(samples) => samples
            .iter()
            .map(|s| {
                let text = format!("{} {} {}", s.at, s.attributes, s.value);
                row(timed_key(s.at, &s.attributes), s.at, text)
            })
            .collect(),
        Records::Distributions(distributions) => distributions
            .iter()
            .map(|d| {
                let text = format!("{} {} {} {}", d.at, d.attributes, d.count, d.sum);
                row(timed_key(d.at, &d.attributes), d.at, text)
            })
            .collect(),
        Records::Removals(_) | Records::EdgeRemovals(_) => Vec::new(),
    }
}
