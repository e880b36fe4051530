//! What a database should hold, in maps: the reference for random sequences of
//! commits. It follows the text of the contract and uses no SQL.

use std::collections::{BTreeMap, BTreeSet};

use rawdash_host::contract::{Batch, Effect, Records};

/// A time and attributes, which distinguish versions of an entity or edge.
type Version = (i64, String);

/// Start, end and attributes of an event.
type Occurrence = (i64, Option<i64>, String);

/// By connector and resource, the staged rows and their generation.
type Staged<Id> = BTreeMap<(String, String), (u64, BTreeMap<Id, Version>)>;

/// All rows of all connectors, each row as text after its connector and
/// resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Model {
    pub(super) events: BTreeMap<(String, String, String), Occurrence>,
    pub(super) entities: BTreeMap<(String, String, String), Version>,
    pub(super) edges: BTreeMap<(String, String, [String; 4]), Version>,
    /// By time and attributes, the values sorted, because their order has no
    /// meaning.
    pub(super) samples: BTreeMap<(String, String, i64, String), Vec<String>>,
    pub(super) distributions: BTreeMap<(String, String, i64, String), Vec<String>>,
    pub(super) checkpoints: BTreeMap<String, String>,
    staged_entities: Staged<String>,
    staged_edges: Staged<[String; 4]>,
}

impl Model {
    /// Models a commit: all of it, or `false` and nothing.
    pub(super) fn commit(&mut self, connector: &str, batches: &[Batch], checkpoint: &str) -> bool {
        let mut next = self.clone();
        if !batches.iter().all(|batch| next.write(connector, batch)) {
            return false;
        }
        next.checkpoints.insert(connector.to_owned(), checkpoint.to_owned());
        *self = next;
        true
    }

    /// Models dropping what is staged for a resource.
    pub(super) fn abandon(&mut self, connector: &str, resource: &str, checkpoint: &str) {
        let place = (connector.to_owned(), resource.to_owned());
        self.staged_entities.remove(&place);
        self.staged_edges.remove(&place);
        self.checkpoints.insert(connector.to_owned(), checkpoint.to_owned());
    }

    /// Models a reset.
    pub(super) fn reset(&mut self, connector: &str) {
        self.staged_entities.retain(|(name, _), _| name != connector);
        self.staged_edges.retain(|(name, _), _| name != connector);
        self.checkpoints.remove(connector);
    }

    fn write(&mut self, connector: &str, batch: &Batch) -> bool {
        let place = (connector.to_owned(), batch.resource.clone());
        let (c, r) = place.clone();
        match (&batch.records, batch.effect) {
            (Records::Events(events), _) => {
                for event in events {
                    self.events.entry((c.clone(), r.clone(), event.id.clone())).or_insert((
                        event.start,
                        event.end,
                        event.attributes.clone(),
                    ));
                }
                true
            }
            (Records::Entities(entities), effect) => {
                let rows: Vec<_> = entities
                    .iter()
                    .map(|e| (e.id.clone(), (e.updated_at, e.attributes.clone())))
                    .collect();
                apply(effect, &place, rows, &mut self.entities, &mut self.staged_entities)
            }
            (Records::Edges(edges), effect) => {
                let rows: Vec<_> = edges
                    .iter()
                    .map(|e| {
                        let ends = [&e.from.type_, &e.from.id, &e.to.type_, &e.to.id];
                        (ends.map(Clone::clone), (e.updated_at, e.attributes.clone()))
                    })
                    .collect();
                apply(effect, &place, rows, &mut self.edges, &mut self.staged_edges)
            }
            (Records::Removals(ids), _) => {
                for id in ids {
                    self.entities.remove(&(c.clone(), r.clone(), id.clone()));
                    if let Some((_, staged)) = self.staged_entities.get_mut(&place) {
                        staged.remove(id);
                    }
                }
                true
            }
            (Records::Samples(samples), Effect::ReplaceWindow(window)) => {
                self.samples.retain(|(cc, rr, at, _), _| {
                    (cc, rr) != (&c, &r) || *at < window.start || *at > window.end
                });
                for sample in samples {
                    let key = (c.clone(), r.clone(), sample.at, sample.attributes.clone());
                    let values = self.samples.entry(key).or_default();
                    values.push(sample.value.to_string());
                    values.sort();
                }
                true
            }
            (Records::Distributions(distributions), Effect::ReplaceWindow(window)) => {
                self.distributions.retain(|(cc, rr, at, _), _| {
                    (cc, rr) != (&c, &r) || *at < window.start || *at > window.end
                });
                for d in distributions {
                    let key = (c.clone(), r.clone(), d.at, d.attributes.clone());
                    let values = self.distributions.entry(key).or_default();
                    values.push(format!("{} {}", d.count, d.sum));
                    values.sort();
                }
                true
            }
            _ => false,
        }
    }
}

fn apply<Id: Ord + Clone>(
    effect: Effect,
    place: &(String, String),
    rows: Vec<(Id, Version)>,
    stored: &mut BTreeMap<(String, String, Id), Version>,
    staged: &mut Staged<Id>,
) -> bool {
    let key = |id: &Id| (place.0.clone(), place.1.clone(), id.clone());
    match effect {
        Effect::Merge => {
            for (id, version) in rows {
                stored.insert(key(&id), version.clone());
                if let Some((_, staged)) = staged.get_mut(place)
                    && let Some(row) = staged.get_mut(&id)
                {
                    *row = version;
                }
            }
            true
        }
        Effect::Stage(generation) | Effect::ReplaceAll(generation) => {
            let entry =
                staged.entry(place.clone()).or_insert_with(|| (generation, BTreeMap::new()));
            if entry.0 != generation {
                *entry = (generation, BTreeMap::new());
            }
            entry.1.extend(rows);
            if matches!(effect, Effect::Stage(_)) {
                return true;
            }
            let whole = staged.remove(place).unwrap_or_default().1;
            let before: BTreeSet<_> =
                stored.keys().filter(|(c, r, _)| (c, r) == (&place.0, &place.1)).cloned().collect();
            if whole.is_empty() && !before.is_empty() {
                return false;
            }
            stored.retain(|key, _| !before.contains(key));
            stored.extend(whole.into_iter().map(|(id, version)| (key(&id), version)));
            true
        }
        Effect::ReplaceWindow(_) => false,
    }
}
