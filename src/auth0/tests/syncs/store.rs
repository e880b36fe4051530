//! What a host stores.

use std::collections::BTreeMap;

use rawdash_connector_sdk::contract::batch::{Batch, Effect};
use rawdash_connector_sdk::contract::records::Records;
use serde_json::Value;

/// What a host stores: attributes by id.
#[derive(Default)]
pub(crate) struct Store {
    pub(crate) users: BTreeMap<String, Value>,
    /// Start and attributes.
    pub(crate) events: BTreeMap<String, (i64, Value)>,
    pub(crate) samples: Vec<(i64, f64)>,
    staged: (u64, BTreeMap<String, Value>),
}

fn parsed(attributes: &str) -> Value {
    serde_json::from_str(attributes).unwrap()
}

impl Store {
    pub(crate) fn take(&mut self, batch: &Batch) {
        match (&batch.records, &batch.effect) {
            (Records::Entities(rows), effect) => {
                let rows = rows.iter().map(|row| (row.id.clone(), parsed(&row.attributes)));
                self.take_users(rows.collect(), effect);
            }
            (Records::Removals(ids), Effect::Merge) => {
                self.users.retain(|id, _| !ids.contains(id));
            }
            (Records::Events(rows), Effect::Merge) => {
                for row in rows {
                    let event = (row.start.millis(), parsed(&row.attributes));
                    self.events.insert(row.id.clone(), event);
                }
            }
            (Records::Samples(rows), Effect::ReplaceWindow(window)) => {
                let within = window.start.millis()..=window.end.millis();
                self.samples.retain(|(at, _)| !within.contains(at));
                self.samples.extend(rows.iter().map(|row| (row.at.millis(), row.value)));
            }
            (Records::Samples(rows), Effect::Merge) if rows.is_empty() => {}
            other => panic!("no host stores this: {other:?}"),
        }
    }

    fn take_users(&mut self, rows: BTreeMap<String, Value>, effect: &Effect) {
        let (staging, publishes) = match effect {
            Effect::Merge => return self.users.extend(rows),
            Effect::Stage(generation) => (*generation, false),
            Effect::Publish(publication) => (publication.generation, true),
            other => panic!("no effect on users: {other:?}"),
        };
        assert!(staging >= self.staged.0, "generations grow");
        if staging != self.staged.0 {
            self.staged = (staging, BTreeMap::new());
        }
        self.staged.1.extend(rows);
        if publishes {
            self.users = std::mem::take(&mut self.staged.1);
        }
    }

    /// A run failed for good.
    pub(crate) fn drop_staged(&mut self) {
        self.staged.1.clear();
    }
}
