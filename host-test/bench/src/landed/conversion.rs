//! The steps of contract 0.1 as today's.

use rawdash_host::contract::{
    Batch, Effect, Ended, Ending, Entity, Event, Failure, Mode, Pause, Progress, Publication,
    Records, Run, Sample, Step, Warning, Window,
};

use super::contract::{connector, shapes};

/// A step of a sync of one resource.
pub(super) fn step(step: connector::Step, resource: &str) -> Step {
    let resource = resource.to_owned();
    match step {
        connector::Step::Began(run) => {
            Step::Began(Run { resource, mode: Mode::Full, resumed: run.resumed })
        }
        connector::Step::Batches(batches) => {
            Step::Batches(batches.into_iter().map(batch).collect())
        }
        connector::Step::ResourceFailed(why) => {
            Step::Ended(Ended { resource, ending: Ending::Failed(failure(why)) })
        }
        connector::Step::Wait(milliseconds) => Step::Wait(Pause { milliseconds, cause: None }),
        connector::Step::Done => Step::Ended(Ended { resource, ending: Ending::Complete }),
    }
}

/// Why something could not be read.
pub(super) fn failure(failure: connector::Failure) -> Failure {
    Failure {
        kind: failure.kind,
        message: failure.message,
        resource: failure.resource,
        status: failure.status,
        retry_after: failure.retry_after,
    }
}

fn batch(batch: connector::Batch) -> Batch {
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

fn effect(effect: connector::Effect) -> Effect {
    match effect {
        connector::Effect::Merge => Effect::Merge,
        connector::Effect::ReplaceWindow(window) => {
            Effect::ReplaceWindow(Window { start: window.start, end: window.end })
        }
        connector::Effect::Stage(generation) => Effect::Stage(generation),
        connector::Effect::ReplaceAll(generation) => {
            Effect::Publish(Publication { generation, scope: None, empty_is_true: false })
        }
    }
}

fn warning(warning: connector::Warning) -> Warning {
    Warning { code: warning.code, message: warning.message, count: warning.count }
}

/// Of the shapes that the connector had then.
fn records(records: shapes::Records) -> Records {
    match records {
        shapes::Records::Events(rows) => Records::Events(rows.into_iter().map(event).collect()),
        shapes::Records::Entities(rows) => {
            Records::Entities(rows.into_iter().map(entity).collect())
        }
        shapes::Records::Samples(rows) => Records::Samples(rows.into_iter().map(sample).collect()),
        shapes::Records::Removals(ids) => Records::Removals(ids),
        shapes::Records::Edges(_) => Records::Edges(Vec::new()),
        shapes::Records::Distributions(_) => Records::Distributions(Vec::new()),
    }
}

fn event(event: shapes::Event) -> Event {
    Event { id: event.id, start: event.start, end: event.end, attributes: event.attributes }
}

fn entity(entity: shapes::Entity) -> Entity {
    Entity { id: entity.id, updated_at: entity.updated_at, attributes: entity.attributes }
}

fn sample(sample: shapes::Sample) -> Sample {
    Sample { at: sample.at, value: sample.value, attributes: sample.attributes }
}
