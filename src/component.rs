//! Exports the world.

mod bindings;
mod conversion;

use std::cell::RefCell;

use auth0_connector_core::check::Check;
use auth0_connector_core::configuration::Configuration;
use auth0_connector_core::engine::failure_kind::FailureKind;
use auth0_connector_core::manifest;
use auth0_connector_core::resource::Resource;
use auth0_connector_core::sync::checkpoint::Checkpoint;
use auth0_connector_core::sync::failure::Failure;
use auth0_connector_core::sync::session::{Session, Step, SyncRequest, Turn};

use self::bindings::exports::rawdash::connector::{check, connector, manifest as contract};
use crate::wasi_http::{self, Exchanges};

/// The component.
pub(crate) struct Component;

/// The result of `configure`. The requests in flight are dropped with it.
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
        Some(configured) => act(configured).map_err(conversion::failure),
        None => Err(conversion::failure(not_configured())),
    })
}

fn not_configured() -> Failure {
    Failure::new(
        FailureKind::NotConfigured,
        "The connector is not configured: call `configure` first.",
    )
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
            let issues = issues.into_iter().map(conversion::issue).collect();
            connector::ConfigureError::Configuration(issues)
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
            let request = conversion::request(request)?;
            configured.session.enter(&request)?;
            run(configured, &request).map(conversion::step)
        })
    }

    fn checkpoint() -> Result<String, connector::Failure> {
        with_configured(|configured| Ok(configured.session.checkpoint()))
    }
}

/// Drives the session to its next step.
fn run(configured: &mut Configured, request: &SyncRequest) -> Result<Step, Failure> {
    let Configured { exchanges, session } = configured;
    loop {
        for (ticket, reply) in exchanges.collect() {
            session.receive(ticket, reply, wasi_http::now());
        }
        let (outgoing, turn) = session.turn(request, wasi_http::now());
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

impl contract::Guest for Component {
    fn describe() -> contract::About {
        contract::About {
            id: manifest::ID.to_owned(),
            name: manifest::NAME.to_owned(),
            version: manifest::VERSION.to_owned(),
            description: env!("CARGO_PKG_DESCRIPTION").to_owned(),
            origins: vec![manifest::ORIGIN.to_owned()],
            configuration_schema: manifest::CONFIGURATION_SCHEMA.to_owned(),
            resources: Resource::ALL.into_iter().map(conversion::resource).collect(),
        }
    }
}

impl check::Guest for Component {
    fn check() -> Vec<(String, Result<(), connector::Failure>)> {
        CONFIGURED.with_borrow(|configured| match configured {
            Some(configured) => check_with(configured.session.configuration()),
            None => {
                let entry = |resource: Resource| {
                    let failure = Failure { resource: Some(resource), ..not_configured() };
                    (resource.name().to_owned(), Err(conversion::failure(failure)))
                };
                Resource::ALL.into_iter().map(entry).collect()
            }
        })
    }
}

/// With exchanges of its own: those of a sync under way are not disturbed.
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
        .map(|(resource, outcome)| {
            (resource.name().to_owned(), outcome.map_err(conversion::failure))
        })
        .collect()
}
