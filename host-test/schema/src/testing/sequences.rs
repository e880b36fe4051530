//! Random sequences of steps.

use std::ops::Range;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;
use rawdash_host::contract::{
    Batch, Distribution, Edge, Effect, Entity, Event, Field, Node, Progress, Publication, Records,
    ResourceInfo, Sample, Shape, Spread, Window,
};
use rawdash_host::storage::RunEnd;

/// One act of a random sequence.
#[derive(Clone, Debug)]
pub enum Act {
    /// A step.
    Commit(Vec<Batch>),
    /// The run of a resource ends.
    End(String, RunEnd),
    /// Checkpoint and staging are dropped.
    Reset,
    /// The process ends and another one starts.
    Reopen,
}

const SHAPES: [(&str, Shape); 5] = [
    ("events", Shape::Event),
    ("entities", Shape::Entity),
    ("edges", Shape::Edge),
    ("samples", Shape::Metric),
    ("distributions", Shape::Distribution),
];

/// Two resources of each shape, with the dimension `d`.
pub fn resources() -> Vec<ResourceInfo> {
    let mut resources = Vec::new();
    for (name, shape) in SHAPES {
        for number in ["one", "two"] {
            let mut resource = ResourceInfo::named(&format!("{number} {name}"), shape);
            let field = Field { name: "d".to_owned(), description: String::new() };
            resource.dimensions = vec![field];
            resources.push(resource);
        }
    }
    resources
}

fn any_window() -> impl Strategy<Value = Window> {
    (0..8_i64, 0..4_i64).prop_map(|(start, length)| Window { start, end: start + length })
}

fn any_node() -> impl Strategy<Value = Node> {
    let name = prop::sample::select(vec!["one", "two"]);
    (name, any_id()).prop_map(|(type_, id)| Node { type_: type_.to_owned(), id })
}

fn any_id() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c", "é|\u{1F600}"]).prop_map(str::to_owned)
}

/// An effect that such records allow.
fn any_effect(shape: Shape) -> impl Strategy<Value = Effect> {
    let timed = !matches!(shape, Shape::Entity | Shape::Edge);
    let scope = prop::option::of(any_window()).prop_map(move |scope| scope.filter(|_| timed));
    let publication = (1..3_u64, scope, any::<bool>());
    let published = publication.prop_map(|(generation, scope, empty_is_true)| {
        Effect::Publish(Publication { generation, scope, empty_is_true })
    });
    let own = (any_window(), vec(any_node(), 0..3)).prop_map(move |(window, nodes)| match shape {
        Shape::Edge => Effect::ReplaceFrom(nodes),
        Shape::Entity => Effect::Merge,
        _ => Effect::ReplaceWindow(window),
    });
    prop_oneof![
        2 => Just(Effect::Merge),
        2 => own,
        3 => (1..3_u64).prop_map(Effect::Stage),
        3 => published,
    ]
}

/// Five records of a shape at random, before the effect has left some out.
#[derive(Clone, Debug)]
struct Seed {
    id: String,
    from: Node,
    to: Node,
    at: i64,
    end: Option<i64>,
    number: u8,
    attributes: String,
}

fn any_seed() -> impl Strategy<Value = Seed> {
    let attributes = ["{}", r#"{"d":1}"#, r#"{"d":1,"m":2}"#, r#"{"m":3,"d":1}"#, r#"{"d":"1"}"#];
    let attributes = prop::sample::select(attributes.to_vec()).prop_map(str::to_owned);
    let ends = (any_node(), any_node());
    (any_id(), ends, 0..8_i64, prop::option::of(0..4_i64), 0..3_u8, attributes).prop_map(
        |(id, (from, to), at, end, number, attributes)| Seed {
            id,
            from,
            to,
            at,
            end,
            number,
            attributes,
        },
    )
}

fn records(shape: Shape, seeds: Vec<Seed>) -> Records {
    let seeds = seeds.into_iter();
    match shape {
        Shape::Event => Records::Events(
            seeds
                .map(|Seed { id, at, end, attributes, .. }| Event {
                    id,
                    start: at,
                    end,
                    attributes,
                })
                .collect(),
        ),
        Shape::Entity => Records::Entities(
            seeds
                .map(|Seed { id, at, attributes, .. }| Entity { id, updated_at: at, attributes })
                .collect(),
        ),
        Shape::Edge => Records::Edges(
            seeds
                .map(|Seed { from, to, at, attributes, .. }| Edge {
                    from,
                    to,
                    updated_at: at,
                    attributes,
                })
                .collect(),
        ),
        Shape::Metric => Records::Samples(
            seeds
                .map(|Seed { at, number, attributes, .. }| Sample {
                    at,
                    value: number.into(),
                    attributes,
                })
                .collect(),
        ),
        Shape::Distribution => Records::Distributions(
            seeds
                .map(|Seed { at, number, attributes, .. }| Distribution {
                    at,
                    spread: Spread::Histogram(Vec::new()),
                    count: number.into(),
                    sum: 1.0,
                    attributes,
                })
                .collect(),
        ),
    }
}

/// Whether the effect allows the record.
fn fits(effect: &Effect, seed: &Seed) -> bool {
    match effect {
        Effect::ReplaceWindow(window) => (window.start..=window.end).contains(&seed.at),
        Effect::Publish(Publication { scope: Some(window), .. }) => {
            (window.start..=window.end).contains(&seed.at)
        }
        Effect::ReplaceFrom(nodes) => nodes.contains(&seed.from),
        _ => true,
    }
}

fn any_batch(resources: Vec<ResourceInfo>) -> impl Strategy<Value = Batch> {
    prop::sample::select(resources).prop_flat_map(|resource| {
        let ResourceInfo { name, shape, .. } = resource;
        let other = name.clone();
        let rows = (any_effect(shape), vec(any_seed(), 0..5)).prop_map(move |(effect, seeds)| {
            let seeds = seeds.into_iter().filter(|seed| fits(&effect, seed)).collect();
            batch(&name, effect, records(shape, seeds))
        });
        let removals = vec(any_seed(), 0..3).prop_map(move |seeds| {
            let records = match shape {
                Shape::Event | Shape::Entity => {
                    Records::Removals(seeds.into_iter().map(|seed| seed.id).collect())
                }
                Shape::Edge => Records::EdgeRemovals(
                    seeds.into_iter().map(|seed| (seed.from, seed.to)).collect(),
                ),
                Shape::Metric | Shape::Distribution => records(shape, seeds),
            };
            batch(&other, Effect::Merge, records)
        });
        prop_oneof![5 => rows, 2 => removals]
    })
}

/// Acts of two connectors on a few resources, so that most of them meet what earlier ones
/// left.
pub fn any_acts(
    connectors: [&'static str; 2],
    count: Range<usize>,
) -> impl Strategy<Value = Vec<(&'static str, Act)>> {
    let connector = prop::sample::select(connectors.to_vec());
    subsequence(resources(), 1..3)
        .prop_flat_map(move |resources| vec((connector.clone(), any_act(resources)), count.clone()))
}

fn any_act(resources: Vec<ResourceInfo>) -> impl Strategy<Value = Act> {
    let resource = prop::sample::select(resources.clone());
    let ends = [RunEnd::Complete, RunEnd::Failed, RunEnd::Postponed];
    prop_oneof![
        12 => vec(any_batch(resources), 0..4).prop_map(Act::Commit),
        1 => (resource, prop::sample::select(ends.to_vec()))
            .prop_map(|(resource, end)| Act::End(resource.name, end)),
        1 => Just(Act::Reset),
        1 => Just(Act::Reopen),
    ]
}

/// A batch of these records.
pub fn batch(resource: &str, effect: Effect, records: Records) -> Batch {
    Batch {
        resource: resource.to_owned(),
        records,
        effect,
        progress: Progress { pages: 1, records: 0, expected: None },
        warnings: Vec::new(),
    }
}
