//! What a host stores.

use std::collections::BTreeMap;

use crate::contract::batch::{Batch, Effect};
use crate::contract::records::{Node, Records};
use crate::time::timestamp::Timestamp;

/// A stored record.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its time: `start`, `updated_at` or `at`.
    pub at: Timestamp,
    /// The number of a sample, the sum of a distribution, else 0.
    pub value: f64,
    /// A JSON object.
    pub attributes: String,
    from: Option<Node>,
}

/// Rows by identity: an id; `FROM > TO` for edges, each `TYPE/ID`; time and
/// attributes for samples and distributions.
type Rows = BTreeMap<String, Row>;

/// What a host stores, by resource.
#[derive(Clone, Debug, Default)]
pub struct Store {
    stored: BTreeMap<String, Rows>,
    staged: BTreeMap<String, (u64, Rows)>,
}

impl Store {
    /// The rows of a resource, by identity.
    pub fn rows(&self, resource: &str) -> Vec<(&str, &Row)> {
        let rows = self.stored.get(resource).into_iter().flatten();
        rows.map(|(key, row)| (key.as_str(), row)).collect()
    }

    /// The identities of the rows of a resource, in order.
    pub fn keys(&self, resource: &str) -> Vec<&str> {
        self.rows(resource).into_iter().map(|(key, _)| key).collect()
    }

    /// Drops what is staged for a resource.
    pub(super) fn drop_staged(&mut self, resource: &str) {
        self.staged.remove(resource);
    }

    /// Stores a batch.
    pub(super) fn store(&mut self, batch: &Batch) {
        let stored = self.stored.entry(batch.resource.clone()).or_default();
        let new = rows(&batch.records);
        match &batch.effect {
            Effect::Merge => {
                for key in removed(&batch.records) {
                    stored.remove(&key);
                }
            }
            Effect::ReplaceWindow(window) => {
                stored.retain(|_, row| !(window.start..=window.end).contains(&row.at));
            }
            Effect::ReplaceFrom(nodes) => {
                stored.retain(|_, row| row.from.as_ref().is_none_or(|from| !nodes.contains(from)));
            }
            Effect::Stage(generation) => {
                stage(&mut self.staged, &batch.resource, *generation, new);
                return;
            }
            Effect::Publish(publication) => {
                stage(&mut self.staged, &batch.resource, publication.generation, new);
                let (_, staged) = self.staged.remove(&batch.resource).unwrap_or_default();
                let refused = staged.is_empty() && !stored.is_empty() && !publication.empty_is_true;
                assert!(!refused, "{}: rows would be replaced by none", batch.resource);
                match publication.scope {
                    Some(window) => {
                        stored.retain(|_, row| !(window.start..=window.end).contains(&row.at));
                    }
                    None => stored.clear(),
                }
                stored.extend(staged);
                return;
            }
        }
        stored.extend(new);
    }
}

fn stage(staged: &mut BTreeMap<String, (u64, Rows)>, resource: &str, generation: u64, rows: Rows) {
    let kept = staged.entry(resource.to_owned()).or_default();
    assert!(generation >= kept.0, "{resource}: generations grow");
    if kept.0 != generation {
        *kept = (generation, Rows::new());
    }
    kept.1.extend(rows);
}

fn rows(records: &Records) -> Rows {
    let row = |at: Timestamp, value: f64, attributes: &String, from: Option<&Node>| Row {
        at,
        value,
        attributes: attributes.clone(),
        from: from.cloned(),
    };
    let measured = |at: Timestamp, attributes: &String| format!("{at} {attributes}");
    match records {
        Records::Events(rows) => rows
            .iter()
            .map(|of| (of.id.clone(), row(of.start, 0.0, &of.attributes, None)))
            .collect(),
        Records::Entities(rows) => rows
            .iter()
            .map(|of| (of.id.clone(), row(of.updated_at, 0.0, &of.attributes, None)))
            .collect(),
        Records::Samples(rows) => rows
            .iter()
            .map(|of| (measured(of.at, &of.attributes), row(of.at, of.value, &of.attributes, None)))
            .collect(),
        Records::Distributions(rows) => rows
            .iter()
            .map(|of| (measured(of.at, &of.attributes), row(of.at, of.sum, &of.attributes, None)))
            .collect(),
        Records::Edges(rows) => rows
            .iter()
            .map(|of| {
                let row = row(of.updated_at, 0.0, &of.attributes, Some(&of.from));
                (edge(&of.from, &of.to), row)
            })
            .collect(),
        Records::Removals(_) | Records::EdgeRemovals(_) => Rows::new(),
    }
}

fn removed(records: &Records) -> Vec<String> {
    match records {
        Records::Removals(ids) => ids.clone(),
        Records::EdgeRemovals(edges) => edges.iter().map(|(from, to)| edge(from, to)).collect(),
        _ => Vec::new(),
    }
}

fn edge(from: &Node, to: &Node) -> String {
    format!("{}/{} > {}/{}", from.kind, from.id, to.kind, to.id)
}
