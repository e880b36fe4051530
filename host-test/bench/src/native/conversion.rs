//! The engine's values as the contract's, and the request the other way.

use rawdash_connector_sdk::contract::batch;
use rawdash_connector_sdk::contract::failure::Failure as EngineFailure;
use rawdash_connector_sdk::contract::manifest;
use rawdash_connector_sdk::contract::records;
use rawdash_connector_sdk::contract::request;
use rawdash_connector_sdk::contract::step;
use rawdash_connector_sdk::time::timestamp::Timestamp;

use rawdash_host::contract::{
    Batch, Bucket, Distribution, Edge, Effect, Ended, Ending, Entity, Event, Failure, Mode, Node,
    Pause, Progress, Publication, Quantile, Records, Request, ResourceInfo, Run, Sample, Shape,
    Spread, Step, Warning, Window,
};

/// The part of the manifest that the validation of batches needs.
pub(super) fn resource(info: &manifest::ResourceInfo) -> ResourceInfo {
    let shape = match info.shape {
        manifest::Shape::Event => Shape::Event,
        manifest::Shape::Entity => Shape::Entity,
        manifest::Shape::Metric => Shape::Metric,
        manifest::Shape::Edge => Shape::Edge,
        manifest::Shape::Distribution => Shape::Distribution,
    };
    ResourceInfo::named(&info.name, shape)
}

/// What the measured syncs request: modes alone.
pub(super) fn request(request: &Request) -> request::SyncRequest {
    let want = |want: &rawdash_host::contract::Want| request::Want {
        mode: match want.mode {
            Mode::Auto => request::Mode::Auto,
            Mode::Full => request::Mode::Full,
            Mode::Latest => request::Mode::Latest,
        },
        since: want.since.and_then(Timestamp::from_millis),
        ..request::Want::auto(&want.resource)
    };
    request::SyncRequest {
        wants: request.wants.iter().map(want).collect(),
        patience: request.patience,
    }
}

/// A step of a sync.
pub(super) fn step(step: step::Step) -> Step {
    match step {
        step::Step::Began { resource, mode, resumed } => {
            let mode = match mode {
                step::RunMode::Full => Mode::Full,
                step::RunMode::Latest => Mode::Latest,
            };
            Step::Began(Run { resource, mode, resumed })
        }
        step::Step::Batches(batches) => Step::Batches(batches.into_iter().map(batch).collect()),
        step::Step::Ended { resource, ending } => {
            let ending = match ending {
                step::Ending::Complete => Ending::Complete,
                step::Ending::Failed(why) => Ending::Failed(failure(why)),
                step::Ending::Postponed(why) => Ending::Postponed(failure(why)),
            };
            Step::Ended(Ended { resource, ending })
        }
        step::Step::Wait { milliseconds, cause } => {
            Step::Wait(Pause { milliseconds, cause: cause.map(failure) })
        }
        step::Step::Done => Step::Done,
    }
}

/// Why something could not be read.
pub(super) fn failure(failure: EngineFailure) -> Failure {
    Failure {
        kind: failure.kind.name().to_owned(),
        message: failure.message,
        resource: failure.resource,
        status: failure.status,
        retry_after: failure.retry_after.and_then(|millis| u32::try_from(millis).ok()),
    }
}

fn batch(batch: batch::Batch) -> Batch {
    Batch {
        resource: batch.resource,
        records: records(batch.records),
        effect: effect(batch.effect),
        progress: Progress {
            pages: batch.progress.pages,
            records: batch.progress.records,
            expected: batch.progress.expected,
        },
        warnings: batch.warnings.into_iter().map(warning).collect(),
    }
}

fn effect(effect: batch::Effect) -> Effect {
    match effect {
        batch::Effect::Merge => Effect::Merge,
        batch::Effect::ReplaceWindow(replaced) => Effect::ReplaceWindow(window(replaced)),
        batch::Effect::ReplaceFrom(nodes) => {
            Effect::ReplaceFrom(nodes.into_iter().map(node).collect())
        }
        batch::Effect::Stage(generation) => Effect::Stage(generation),
        batch::Effect::Publish(publication) => Effect::Publish(Publication {
            generation: publication.generation,
            scope: publication.scope.map(window),
            empty_is_true: publication.empty_is_true,
        }),
    }
}

fn window(window: batch::Window) -> Window {
    Window { start: window.start.millis(), end: window.end.millis() }
}

fn warning(warning: batch::Warning) -> Warning {
    Warning { code: warning.code.to_owned(), message: warning.message, count: warning.count }
}

fn node(node: records::Node) -> Node {
    Node { type_: node.kind, id: node.id }
}

fn records(records: records::Records) -> Records {
    use records::Records as Given;
    match records {
        Given::Events(rows) => Records::Events(rows.into_iter().map(event).collect()),
        Given::Entities(rows) => Records::Entities(rows.into_iter().map(entity).collect()),
        Given::Samples(rows) => Records::Samples(rows.into_iter().map(sample).collect()),
        Given::Edges(rows) => Records::Edges(rows.into_iter().map(edge).collect()),
        Given::Distributions(rows) => {
            Records::Distributions(rows.into_iter().map(distribution).collect())
        }
        Given::Removals(ids) => Records::Removals(ids),
        Given::EdgeRemovals(edges) => Records::EdgeRemovals(
            edges.into_iter().map(|(from, to)| (node(from), node(to))).collect(),
        ),
    }
}

fn event(event: records::Event) -> Event {
    Event {
        id: event.id,
        start: event.start.millis(),
        end: event.end.map(Timestamp::millis),
        attributes: event.attributes,
    }
}

fn entity(entity: records::Entity) -> Entity {
    Entity { id: entity.id, updated_at: entity.updated_at.millis(), attributes: entity.attributes }
}

fn sample(sample: records::Sample) -> Sample {
    Sample { at: sample.at.millis(), value: sample.value, attributes: sample.attributes }
}

fn edge(edge: records::Edge) -> Edge {
    Edge {
        from: node(edge.from),
        to: node(edge.to),
        updated_at: edge.updated_at.millis(),
        attributes: edge.attributes,
    }
}

fn distribution(row: records::Distribution) -> Distribution {
    let spread = match row.spread {
        records::Spread::Histogram(buckets) => {
            Spread::Histogram(buckets.into_iter().map(|(le, count)| Bucket { le, count }).collect())
        }
        records::Spread::Summary(quantiles) => {
            Spread::Summary(quantiles.into_iter().map(|(q, value)| Quantile { q, value }).collect())
        }
    };
    Distribution {
        at: row.at.millis(),
        spread,
        count: row.count,
        sum: row.sum,
        attributes: row.attributes,
    }
}
