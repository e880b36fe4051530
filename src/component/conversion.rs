//! Converts between the contract's types and the core's. Decides nothing.

use auth0_connector_core::configuration::issues::Issue;
use auth0_connector_core::engine::failure_kind::FailureKind;
use auth0_connector_core::engine::timestamp::Timestamp;
use auth0_connector_core::manifest;
use auth0_connector_core::rawdash::record;
use auth0_connector_core::resource::Resource;
use auth0_connector_core::sync::checkpoint::Mode;
use auth0_connector_core::sync::failure::Failure;
use auth0_connector_core::sync::session::{self, SyncRequest};

use super::bindings::exports::rawdash::connector::{connector, manifest as contract};
use super::bindings::rawdash::connector::shapes;

/// An error of the configuration.
pub(super) fn issue(issue: Issue) -> connector::Issue {
    connector::Issue { path: issue.path, message: issue.message }
}

/// The host's request.
pub(super) fn request(request: connector::Request) -> Result<SyncRequest, Failure> {
    let named = |name: &String| {
        Resource::from_name(name).ok_or_else(|| {
            let message = format!(
                "There is no resource of this name; the resources are {}.",
                Resource::ALL.map(Resource::name).join(", ")
            );
            Failure::new(FailureKind::Request, message)
        })
    };
    let since = request.since.map(|since| {
        Timestamp::from_millis(since).ok_or_else(|| {
            Failure::new(FailureKind::Request, "`since` is not an instant from 1970 to 9999.")
        })
    });
    Ok(SyncRequest {
        mode: match request.mode {
            connector::Mode::Auto => None,
            connector::Mode::Full => Some(Mode::Full),
            connector::Mode::Latest => Some(Mode::Latest),
        },
        since: since.transpose()?,
        resources: request.resources.iter().map(named).collect::<Result<_, _>>()?,
    })
}

/// A failure.
pub(super) fn failure(failure: Failure) -> connector::Failure {
    connector::Failure {
        kind: failure.kind.name().to_owned(),
        message: failure.message,
        resource: failure.resource.map(|resource| resource.name().to_owned()),
        status: failure.status,
        retry_after: failure.retry_after.map(|millis| u32::try_from(millis).unwrap_or(u32::MAX)),
    }
}

/// A step of a sync.
pub(super) fn step(step: session::Step) -> connector::Step {
    match step {
        session::Step::Began { mode, resumed, deferred } => {
            let mode = match mode {
                Mode::Full => connector::Mode::Full,
                Mode::Latest => connector::Mode::Latest,
            };
            connector::Step::Began(connector::Run { mode, resumed, deferred })
        }
        session::Step::Batches(batches) => {
            connector::Step::Batches(batches.into_iter().map(batch).collect())
        }
        session::Step::ResourceFailed(failed) => connector::Step::ResourceFailed(failure(failed)),
        session::Step::Wait(pause) => connector::Step::Wait(pause),
        session::Step::Done => connector::Step::Done,
    }
}

fn batch(batch: record::Batch) -> connector::Batch {
    connector::Batch {
        resource: batch.resource.name().to_owned(),
        records: records(batch.records),
        effect: match batch.effect {
            record::Effect::Merge => connector::Effect::Merge,
            record::Effect::ReplaceWindow(start, end) => {
                connector::Effect::ReplaceWindow(connector::Window {
                    start: start.millis(),
                    end: end.millis(),
                })
            }
            record::Effect::Stage(generation) => connector::Effect::Stage(generation),
            record::Effect::ReplaceAll(generation) => connector::Effect::ReplaceAll(generation),
        },
        progress: connector::Progress {
            pages: batch.progress.pages,
            records: batch.progress.records,
            expected: batch.progress.expected,
        },
        warnings: batch.warnings.into_iter().map(warning).collect(),
    }
}

fn warning(warning: record::Warning) -> connector::Warning {
    connector::Warning {
        code: warning.code.to_owned(),
        message: warning.message,
        count: warning.count,
    }
}

fn records(records: record::Records) -> shapes::Records {
    match records {
        record::Records::Events(events) => {
            shapes::Records::Events(events.into_iter().map(event).collect())
        }
        record::Records::Entities(entities) => {
            shapes::Records::Entities(entities.into_iter().map(entity).collect())
        }
        record::Records::Removals(ids) => shapes::Records::Removals(ids),
        record::Records::Samples(samples) => {
            shapes::Records::Samples(samples.into_iter().map(sample).collect())
        }
    }
}

fn event(event: record::Event) -> shapes::Event {
    shapes::Event {
        id: event.id,
        start: event.start.millis(),
        end: None,
        attributes: event.attributes,
    }
}

fn entity(entity: record::Entity) -> shapes::Entity {
    let updated_at = entity.updated_at.map_or(0, Timestamp::millis);
    shapes::Entity { id: entity.id, updated_at, attributes: entity.attributes }
}

fn sample(sample: record::Sample) -> shapes::Sample {
    shapes::Sample { at: sample.at.millis(), value: sample.value, attributes: sample.attributes }
}

/// A resource of the manifest.
pub(super) fn resource(resource: Resource) -> contract::ResourceInfo {
    let described = manifest::describe(resource);
    let fields = |fields: &[manifest::Described]| {
        let field = |manifest::Described(name, description): &manifest::Described| {
            contract::Field { name: (*name).to_owned(), description: (*description).to_owned() }
        };
        fields.iter().map(field).collect()
    };
    contract::ResourceInfo {
        name: resource.name().to_owned(),
        setting: resource.setting().to_owned(),
        shape: match resource {
            Resource::Users => contract::Shape::Entity,
            Resource::LoginEvents => contract::Shape::Event,
            Resource::DailyActiveUsers => contract::Shape::Metric,
        },
        description: described.text.to_owned(),
        endpoint: described.endpoint.to_owned(),
        scopes: vec![resource.scope().to_owned()],
        fields: fields(described.fields),
        dimensions: fields(described.dimensions),
        unit: described.metric.map(|(unit, _)| unit.to_owned()),
        granularity: described.metric.map(|(_, granularity)| granularity.to_owned()),
    }
}
