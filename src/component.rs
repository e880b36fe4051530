//! Exports the world: the one module that knows the generated bindings. It
//! turns the contract's types into the core's and back, and decides nothing.

use std::cell::RefCell;

use crate::check::Check;
use crate::configuration::Configuration;
use crate::manifest;
use crate::rawdash::record;
use crate::resource::Resource;
use crate::run::checkpoint::{Checkpoint, Mode};
use crate::run::failure::{Failure, Kind};
use crate::run::session::{self, Asked, Session, Turn};
use crate::timestamp::Timestamp;
use crate::wasi_http::{self, Exchanges};

#[allow(
    missing_docs,
    unsafe_code,
    unreachable_pub,
    clippy::all,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::undocumented_unsafe_blocks
)]
mod bindings {
    wit_bindgen::generate!({
        path: "wit",
        world: "plugin",
        with: {
            "wasi:clocks/monotonic-clock@0.2.12": wasi::clocks::monotonic_clock,
            "wasi:clocks/wall-clock@0.2.12": wasi::clocks::wall_clock,
            "wasi:http/outgoing-handler@0.2.12": wasi::http::outgoing_handler,
            "wasi:http/types@0.2.12": wasi::http::types,
            "wasi:io/error@0.2.12": wasi::io::error,
            "wasi:io/poll@0.2.12": wasi::io::poll,
            "wasi:io/streams@0.2.12": wasi::io::streams,
        },
    });
    export!(Component);
    use super::Component;
}

use bindings::exports::rawdash::connector::{check, connector, manifest as contract};
use bindings::rawdash::connector::shapes;

struct Component;

/// What `configure` made. The requests in flight are dropped with it.
struct Configured {
    exchanges: Exchanges,
    session: Session,
}

thread_local! {
    static CONFIGURED: RefCell<Option<Configured>> = const { RefCell::new(None) };
}

fn with_configured<T>(
    act: impl FnOnce(&mut Configured) -> Result<T, Failure>,
) -> Result<T, connector::Failure> {
    CONFIGURED.with_borrow_mut(|configured| match configured {
        Some(configured) => act(configured).map_err(failure),
        None => Err(failure(not_configured())),
    })
}

fn not_configured() -> Failure {
    Failure::new(Kind::NotConfigured, "The connector is not configured: call `configure` first.")
}

impl connector::Guest for Component {
    fn configure(
        configuration: String,
        secrets: Vec<connector::Secret>,
        checkpoint: Option<String>,
    ) -> Result<(), connector::ConfigureError> {
        let secret = |name: &str| {
            secrets.iter().find(|secret| secret.name == name).map(|secret| secret.value.as_str())
        };
        let configuration = Configuration::read(&configuration, secret).map_err(|issues| {
            let issue = |issue: crate::configuration::Issue| connector::Issue {
                path: issue.path,
                message: issue.message,
            };
            connector::ConfigureError::Configuration(issues.into_iter().map(issue).collect())
        })?;
        let checkpoint = match checkpoint {
            Some(text) => Checkpoint::read(&text, &configuration.domain)
                .map_err(|error| connector::ConfigureError::Checkpoint(error.to_string()))?,
            None => Checkpoint::default(),
        };
        let session = Session::new(configuration, checkpoint);
        CONFIGURED.set(Some(Configured { exchanges: Exchanges::default(), session }));
        Ok(())
    }

    fn sync(request: connector::Request) -> Result<connector::Step, connector::Failure> {
        with_configured(|configured| {
            let asked = asked(request)?;
            configured.session.enter(&asked)?;
            run(configured, &asked).map(step)
        })
    }

    fn checkpoint() -> Result<String, connector::Failure> {
        with_configured(|configured| Ok(configured.session.checkpoint()))
    }
}

/// Drives the session to its next step.
fn run(configured: &mut Configured, asked: &Asked) -> Result<session::Step, Failure> {
    let Configured { exchanges, session } = configured;
    loop {
        for (ticket, reply) in exchanges.collect() {
            session.receive(ticket, reply, wasi_http::now());
        }
        let (outgoing, turn) = session.turn(asked, wasi_http::now());
        for sent in outgoing {
            exchanges.send(
                sent.ticket,
                &sent.request,
                sent.token.as_ref(),
                session.configuration(),
            );
        }
        match turn {
            Turn::Step(step) => return Ok(step),
            Turn::Failed(failure) => return Err(failure),
            Turn::Await(until) => exchanges.wait(until),
        }
    }
}

fn asked(request: connector::Request) -> Result<Asked, Failure> {
    let named = |name: &String| {
        Resource::from_name(name).ok_or_else(|| {
            let message = format!(
                "There is no resource of this name: {}.",
                Resource::ALL.map(Resource::name).join(", ")
            );
            Failure::new(Kind::Request, message)
        })
    };
    let since = request.since.map(|since| {
        Timestamp::from_millis(since)
            .ok_or_else(|| Failure::new(Kind::Request, "`since` is no instant from 1970 to 9999."))
    });
    Ok(Asked {
        mode: match request.mode {
            connector::Mode::Auto => None,
            connector::Mode::Full => Some(Mode::Full),
            connector::Mode::Latest => Some(Mode::Latest),
        },
        since: since.transpose()?,
        resources: request.resources.iter().map(named).collect::<Result<_, _>>()?,
    })
}

fn failure(failure: Failure) -> connector::Failure {
    connector::Failure {
        kind: failure.kind.name().to_owned(),
        message: failure.message,
        resource: failure.resource.map(|resource| resource.name().to_owned()),
        status: failure.status,
        retry_after: failure.retry_after.map(|millis| u32::try_from(millis).unwrap_or(u32::MAX)),
    }
}

fn step(step: session::Step) -> connector::Step {
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

impl contract::Guest for Component {
    fn describe() -> contract::About {
        contract::About {
            id: manifest::ID.to_owned(),
            name: manifest::NAME.to_owned(),
            version: manifest::VERSION.to_owned(),
            description: manifest::DESCRIPTION.to_owned(),
            origins: vec![manifest::ORIGIN.to_owned()],
            configuration_schema: manifest::CONFIGURATION_SCHEMA.to_owned(),
            resources: Resource::ALL.into_iter().map(resource_info).collect(),
        }
    }
}

fn resource_info(resource: Resource) -> contract::ResourceInfo {
    let described = manifest::describe(resource);
    let fields = |fields: &[manifest::Described]| {
        let field = |(name, description): &manifest::Described| contract::Field {
            name: (*name).to_owned(),
            description: (*description).to_owned(),
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

impl check::Guest for Component {
    fn check() -> Vec<(String, Result<(), connector::Failure>)> {
        CONFIGURED.with_borrow(|configured| match configured {
            Some(configured) => check_with(configured.session.configuration()),
            None => {
                let entry = |resource: Resource| {
                    let failure = failure(Failure { resource: Some(resource), ..not_configured() });
                    (resource.name().to_owned(), Err(failure))
                };
                Resource::ALL.into_iter().map(entry).collect()
            }
        })
    }
}

/// Exchanges of its own: what a run has in flight is not disturbed.
fn check_with(configuration: &Configuration) -> Vec<(String, Result<(), connector::Failure>)> {
    let mut exchanges = Exchanges::default();
    let mut check = Check::new(configuration, wasi_http::wall_time());
    while let Some((request, token)) = check.request() {
        exchanges.send(0, &request, token.as_ref(), configuration);
        let reply = loop {
            if let Some((_, reply)) = exchanges.collect().pop() {
                break reply;
            }
            exchanges.wait(None);
        };
        check.receive(&request, reply);
    }
    let outcomes = check.outcomes().into_iter();
    outcomes
        .map(|(resource, outcome)| (resource.name().to_owned(), outcome.map_err(failure)))
        .collect()
}
