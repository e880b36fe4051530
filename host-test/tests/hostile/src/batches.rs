//! Batches that break the contract, one way each.

use crate::bindings::exports::rawdash::connector::connector::*;
use crate::bindings::rawdash::connector::shapes::{Entity, Event, Sample};

/// A good batch, then the one that the misdeed asks for: a host that stores
/// them one by one would keep the first.
pub(crate) fn of(misdeed: &str) -> Vec<Batch> {
    let mut batches = vec![events("event", event("good", 1, "{}"))];
    match misdeed {
        "unknown-resource" => batches.push(events("elsewhere", event("a", 1, "{}"))),
        "wrong-shape" => batches.push(events("entity", event("a", 1, "{}"))),
        "wrong-effect" => {
            let mut batch = events("event", event("a", 1, "{}"));
            batch.effect = Effect::ReplaceFrom(Vec::new());
            batches.push(batch);
        }
        "no-object" => batches.push(events("event", event("a", 1, "[1]"))),
        "late" => batches.push(events("event", event("a", i64::MAX, "{}"))),
        "early" => batches.push(events("event", event("a", -1, "{}"))),
        "nan" => batches.push(sample(f64::NAN)),
        "output" => batches.extend((0..40).map(|_| events("event", huge()))),
        _ => {}
    }
    batches
}

/// One more entity, staged.
pub(crate) fn staged(number: u64) -> Batch {
    let entity = Entity { id: number.to_string(), updated_at: 1, attributes: "{}".to_owned() };
    batch("entity", Records::Entities(vec![entity]), Effect::Stage(1))
}

fn huge() -> Event {
    event("a", 1, &format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20)))
}

fn event(id: &str, start: i64, attributes: &str) -> Event {
    Event { id: id.to_owned(), start, end: None, attributes: attributes.to_owned() }
}

fn events(resource: &str, event: Event) -> Batch {
    batch(resource, Records::Events(vec![event]), Effect::Merge)
}

fn sample(value: f64) -> Batch {
    let sample = Sample { at: 1, value, attributes: "{}".to_owned() };
    let window = Effect::ReplaceWindow(Window { start: 0, end: 2 });
    batch("metric", Records::Samples(vec![sample]), window)
}

fn batch(resource: &str, records: Records, effect: Effect) -> Batch {
    let progress = Progress { pages: 1, records: 1, expected: None };
    Batch { resource: resource.to_owned(), records, effect, progress, warnings: Vec::new() }
}
