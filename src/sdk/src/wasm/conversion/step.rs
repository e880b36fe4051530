//! Steps, batches and their effects.

use super::super::bindings::exports::rawdash::connector::connector;
use super::{failure, records};
use crate::contract::batch::{Batch, Effect, Warning, Window};
use crate::contract::step::{Ending, RunMode, Step};

/// A step of a sync.
pub(in super::super) fn step(step: Step) -> connector::Step {
    match step {
        Step::Began { resource, mode, resumed } => {
            let mode = match mode {
                RunMode::Full => connector::Mode::Full,
                RunMode::Latest => connector::Mode::Latest,
            };
            connector::Step::Began(connector::Run { resource, mode, resumed })
        }
        Step::Batches(batches) => {
            connector::Step::Batches(batches.into_iter().map(batch).collect())
        }
        Step::Ended { resource, ending } => {
            connector::Step::Ended(connector::Ended { resource, ending: self::ending(ending) })
        }
        Step::Wait { milliseconds, cause } => {
            connector::Step::Wait(connector::Pause { milliseconds, cause: cause.map(failure) })
        }
        Step::Done => connector::Step::Done,
    }
}

fn ending(ending: Ending) -> connector::Ending {
    match ending {
        Ending::Complete => connector::Ending::Complete,
        Ending::Failed(why) => connector::Ending::Failed(failure(why)),
        Ending::Postponed(why) => connector::Ending::Postponed(failure(why)),
    }
}

fn batch(batch: Batch) -> connector::Batch {
    connector::Batch {
        resource: batch.resource,
        records: records::records(batch.records),
        effect: effect(batch.effect),
        progress: connector::Progress {
            pages: batch.progress.pages,
            records: batch.progress.records,
            expected: batch.progress.expected,
        },
        warnings: batch.warnings.into_iter().map(warning).collect(),
    }
}

fn effect(effect: Effect) -> connector::Effect {
    match effect {
        Effect::Merge => connector::Effect::Merge,
        Effect::ReplaceWindow(replaced) => connector::Effect::ReplaceWindow(window(replaced)),
        Effect::ReplaceFrom(nodes) => {
            connector::Effect::ReplaceFrom(nodes.into_iter().map(records::node).collect())
        }
        Effect::Stage(generation) => connector::Effect::Stage(generation),
        Effect::Publish(publication) => connector::Effect::Publish(connector::Publication {
            generation: publication.generation,
            scope: publication.scope.map(window),
            empty_is_true: publication.empty_is_true,
        }),
    }
}

fn window(window: Window) -> connector::Window {
    connector::Window { start: window.start.millis(), end: window.end.millis() }
}

fn warning(warning: Warning) -> connector::Warning {
    connector::Warning {
        code: warning.code.to_owned(),
        message: warning.message,
        count: warning.count,
    }
}
