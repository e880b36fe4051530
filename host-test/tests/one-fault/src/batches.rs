//! What pages become.

use bare_contract::contract::*;

use crate::plan::{Kept, Plan};
use crate::source::{Label, Labels, Thing};
use crate::{LABEL, NAMES, fault};

/// A page of things, as records of the four resources that it has.
pub(crate) fn of_things(
    things: &[Thing],
    last: bool,
    kept: &Kept,
    key: &str,
    plan: &Plan,
) -> Vec<Batch> {
    let generation = kept.generation;
    let effect = if last { Effect::all(generation) } else { Effect::Stage(generation) };
    let recent = |thing: &&Thing| match plan.since(NAMES[0]) {
        Some(since) if fault("since-deletes") => thing.at >= since,
        _ => true,
    };
    let entities = things.iter().filter(recent).map(|thing| thing.entity(key)).collect();
    let events = things.iter().map(|thing| thing.event(generation)).collect();
    let events_effect =
        if fault("effect") { Effect::ReplaceFrom(Vec::new()) } else { Effect::Merge };
    let mut window = Window::around(things.iter().map(|thing| thing.at));
    if fault("overlapping-windows") {
        window.start = 0;
    }
    let edges = things.iter().map(Thing::edge).collect();
    let edges_effect = if fault("edges-stay") { Effect::Merge } else { effect.clone() };
    let samples = things.iter().flat_map(Thing::samples).collect();
    vec![
        batch(NAMES[0], Records::Entities(entities), effect, kept, 1),
        batch(NAMES[1], Records::Events(events), events_effect, kept, 1),
        batch(NAMES[2], Records::Samples(samples), Effect::ReplaceWindow(window), kept, 2),
        batch(NAMES[3], Records::Edges(edges), edges_effect, kept, 1),
    ]
}

/// All labels, whatever their number: the source's list is the truth.
pub(crate) fn of_labels(labels: &Labels, kept: &Kept) -> Batch {
    let entities: Vec<_> = labels.labels.iter().map(Label::entity).collect();
    let count = entities.len() as u64;
    let generation = kept.labels_generation;
    let publication = Publication { generation, scope: None, empty_is_true: true };
    let effect = match fault("empty-stays") && count == 0 {
        true => Effect::Merge,
        false => Effect::Publish(publication),
    };
    Batch {
        resource: LABEL.to_owned(),
        records: Records::Entities(entities),
        effect,
        progress: Progress { pages: 1, records: count, expected: Some(count) },
        warnings: Vec::new(),
    }
}

/// Things that are staged, whether or not a run is under way.
pub(crate) fn staged(things: &[Thing], kept: &Kept) -> Batch {
    let entities = things.iter().map(|thing| thing.entity("")).collect();
    batch(NAMES[0], Records::Entities(entities), Effect::Stage(kept.generation), kept, 1)
}

fn batch(
    resource: &str,
    records: Records,
    effect: Effect,
    kept: &Kept,
    of_each_thing: u64,
) -> Batch {
    let (pages, things) = kept.counted;
    let so_far = things * of_each_thing;
    let count = if fault("progress-shrinks") { 100 - so_far } else { so_far };
    Batch {
        resource: resource.to_owned(),
        records,
        effect,
        progress: Progress { pages, records: count, expected: None },
        warnings: Vec::new(),
    }
}
