//! The baseline: the connector's core as a native program. It has the same
//! client, the same loop and the same database, but no component.

use std::collections::VecDeque;
use std::pin::Pin;
use std::time::{self, Duration};

use async_trait::async_trait;
use auth0_connector_core::auth0::reply::{Head, Reply};
use auth0_connector_core::auth0::token;
use auth0_connector_core::configuration::Configuration;
use auth0_connector_core::engine::instant::Instant;
use auth0_connector_core::manifest::USER_AGENT;
use auth0_connector_core::rawdash::record;
use auth0_connector_core::resource::Resource;
use auth0_connector_core::sync::checkpoint::{Checkpoint, Mode};
use auth0_connector_core::sync::failure::Failure;
use auth0_connector_core::sync::session::{self, Outgoing, Session, SyncRequest, Turn};
use bytes::Bytes;
use http::Method;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT as AGENT};
use http_body_util::{BodyExt, Full};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use wasmtime_wasi_http::{WasiBody, WasiHttpHooks};

use super::measured::Measured;
use super::taking::{Tally, take_all};
use rawdash_host::contract::{
    self, Batch, Progress, Publication, Records, ResourceInfo, Shape, Window,
};
use rawdash_host::error::HostError;
use rawdash_host::run::{Settings, StepSource};
use rawdash_host::storage::Storage;

/// One configured core and its exchanges under way.
pub struct Native {
    runs: Runs,
    session: Session,
    hooks: Box<dyn WasiHttpHooks>,
    begun: time::Instant,
    answer: UnboundedSender<(u64, Reply)>,
    answers: UnboundedReceiver<(u64, Reply)>,
}

impl Native {
    /// A core that sends its requests through `hooks`.
    ///
    /// # Errors
    /// What is wrong with the configuration or the checkpoint.
    pub fn new(
        settings: &Settings,
        checkpoint: Option<&str>,
        hooks: impl WasiHttpHooks + 'static,
    ) -> Measured<Native> {
        let secret = |name: &str| {
            let mut secrets = settings.secrets.iter();
            secrets.find(|secret| secret.name == name).map(|secret| secret.value.as_str())
        };
        let configuration = Configuration::read(&settings.configuration, secret)
            .map_err(|issues| format!("{issues:?}"))?;
        let checkpoint = match checkpoint {
            Some(text) => {
                Checkpoint::read(text, &configuration.domain).map_err(|error| error.to_string())?
            }
            None => Checkpoint::default(),
        };
        let session = Session::new(configuration, checkpoint);
        let (answer, answers) = unbounded_channel();
        let (hooks, begun) = (Box::new(hooks), time::Instant::now());
        Ok(Native { session, hooks, begun, answer, answers, runs: Runs::default() })
    }

    /// Takes every step and stores it with its checkpoint, in the loop that the host
    /// uses for components.
    ///
    /// # Errors
    /// When a resource or the sync fails, or the storage does.
    pub async fn sync(
        mut self,
        mode: contract::Mode,
        storage: &mut dyn Storage,
        tally: &mut Tally,
    ) -> Measured<()> {
        take_all(&resources(), mode, &mut self, storage, tally).await
    }

    /// Drives the session to its next step, as the component does.
    async fn drive(&mut self, request: &SyncRequest) -> Result<session::Step, Failure> {
        loop {
            while let Ok((ticket, reply)) = self.answers.try_recv() {
                self.session.receive(ticket, reply, self.now());
            }
            let (outgoing, turn) = self.session.turn(request, self.now());
            for sent in outgoing {
                self.send(sent);
            }
            match turn {
                Turn::Step(step) => return Ok(step),
                Turn::Failed(failure) => return Err(failure),
                Turn::Await(until) => self.wait(until).await,
            }
        }
    }

    fn now(&self) -> Instant {
        let elapsed = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        Instant::from_millis(elapsed)
    }

    async fn wait(&mut self, until: Option<Instant>) {
        let span = until.map_or(u64::MAX, |until| until.since(self.now()));
        let answer = tokio::time::timeout(Duration::from_millis(span), self.answers.recv()).await;
        if let Ok(Some((ticket, reply))) = answer {
            self.session.receive(ticket, reply, self.now());
        }
    }

    fn send(&mut self, sent: Outgoing) {
        let ticket = sent.ticket;
        match self.request(&sent) {
            Ok(request) => self.exchange(ticket, request),
            // The run may have ended meanwhile.
            Err(error) => drop(self.answer.send((ticket, Reply::Broken(error.to_string())))),
        }
    }

    fn request(&self, sent: &Outgoing) -> http::Result<http::Request<WasiBody>> {
        let configuration = self.session.configuration();
        let path = sent.request.path_and_query();
        let mut request = http::Request::builder()
            .uri(format!("https://{}{path}", configuration.domain))
            .header(ACCEPT, "application/json")
            .header(AGENT, USER_AGENT);
        let mut body = Vec::new();
        if let Some(token) = &sent.token {
            request = request.header(AUTHORIZATION, format!("Bearer {}", token.reveal()));
        }
        if sent.request.is_post() {
            body = token::body(configuration);
            request = request.method(Method::POST).header(CONTENT_TYPE, "application/json");
        }
        let body = Full::new(Bytes::from(body)).map_err(|never| match never {});
        request.body(body.boxed_unsync())
    }

    fn exchange(&mut self, ticket: u64, request: http::Request<WasiBody>) {
        let completion = Box::new(std::future::ready(Ok(())));
        let exchange = Pin::from(self.hooks.send_request(request, None, completion));
        let answer = self.answer.clone();
        tokio::spawn(async move {
            let reply = match exchange.await {
                Ok((response, _)) => receive(response).await,
                Err(error) => Reply::Broken(error.to_string()),
            };
            // The run may have ended meanwhile.
            let _ = answer.send((ticket, reply));
        });
    }
}

#[async_trait]
impl StepSource for Native {
    async fn step(
        &mut self,
        request: &contract::Request,
    ) -> Result<Result<contract::Step, contract::Failure>, HostError> {
        let mode = match request.wants.first().map(|want| want.mode) {
            None | Some(contract::Mode::Auto) => None,
            Some(contract::Mode::Full) => Some(Mode::Full),
            Some(contract::Mode::Latest) => Some(Mode::Latest),
        };
        let request = SyncRequest { mode, ..SyncRequest::default() };
        loop {
            if let Some(step) = self.runs.next() {
                return Ok(Ok(step));
            }
            match self.drive(&request).await {
                Ok(step) => self.runs.take(step),
                Err(error) => return Ok(Err(failure(error))),
            }
        }
    }

    async fn checkpoint(&mut self) -> Result<Result<String, contract::Failure>, HostError> {
        Ok(Ok(self.session.checkpoint()))
    }
}

async fn receive(response: http::Response<WasiBody>) -> Reply {
    let (head, body) = response.into_parts();
    let lines = head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let head = Head::read(head.status.as_u16(), lines);
    match body.collect().await {
        Ok(body) => Reply::Whole(head, body.to_bytes().into()),
        Err(error) => Reply::Broken(error.to_string()),
    }
}

/// The part of the manifest that the validation of batches needs.
fn resources() -> Vec<ResourceInfo> {
    let shape = |resource| match resource {
        Resource::Users => Shape::Entity,
        Resource::LoginEvents => Shape::Event,
        Resource::DailyActiveUsers => Shape::Metric,
    };
    let info = |resource: Resource| ResourceInfo::named(resource.name(), shape(resource));
    Resource::ALL.into_iter().map(info).collect()
}

/// The core's steps, in which a run is of all resources, as the contract's.
#[derive(Default)]
struct Runs {
    steps: VecDeque<contract::Step>,
    under_way: Vec<Resource>,
    deferred: bool,
}

impl Runs {
    fn next(&mut self) -> Option<contract::Step> {
        self.steps.pop_front()
    }

    fn take(&mut self, step: session::Step) {
        match step {
            session::Step::Began { mode, resumed, deferred } => {
                let mode = match mode {
                    Mode::Full => contract::Mode::Full,
                    Mode::Latest => contract::Mode::Latest,
                };
                let run = |resource: Resource| contract::Run {
                    resource: resource.name().to_owned(),
                    mode,
                    resumed,
                };
                let runs = Resource::ALL.into_iter().map(run).map(contract::Step::Began);
                self.steps.extend(runs);
                (self.under_way, self.deferred) = (Resource::ALL.to_vec(), deferred || resumed);
            }
            session::Step::Batches(batches) => {
                let batches = batches.into_iter().map(batch).collect();
                self.steps.push_back(contract::Step::Batches(batches));
            }
            session::Step::ResourceFailed(failed) => {
                let Some(resource) = failed.resource else { return };
                self.under_way.retain(|other| *other != resource);
                self.end(resource, contract::Ending::Failed(failure(failed)));
            }
            session::Step::Wait(milliseconds) => {
                let pause = contract::Pause { milliseconds, cause: None };
                self.steps.push_back(contract::Step::Wait(pause));
            }
            session::Step::Done => {
                for resource in std::mem::take(&mut self.under_way) {
                    self.end(resource, contract::Ending::Complete);
                }
                if !self.deferred {
                    self.steps.push_back(contract::Step::Done);
                }
            }
        }
    }

    fn end(&mut self, resource: Resource, ending: contract::Ending) {
        let ended = contract::Ended { resource: resource.name().to_owned(), ending };
        self.steps.push_back(contract::Step::Ended(ended));
    }
}

fn failure(failure: Failure) -> contract::Failure {
    contract::Failure {
        kind: failure.kind.name().to_owned(),
        message: failure.message,
        resource: failure.resource.map(|resource| resource.name().to_owned()),
        status: failure.status,
        retry_after: failure.retry_after.and_then(|millis| u32::try_from(millis).ok()),
    }
}

fn batch(batch: record::Batch) -> Batch {
    Batch {
        resource: batch.resource.name().to_owned(),
        records: records(batch.records),
        effect: match batch.effect {
            record::Effect::Merge => contract::Effect::Merge,
            record::Effect::ReplaceWindow(start, end) => {
                contract::Effect::ReplaceWindow(Window { start: start.millis(), end: end.millis() })
            }
            record::Effect::Stage(generation) => contract::Effect::Stage(generation),
            record::Effect::ReplaceAll(generation) => contract::Effect::Publish(Publication {
                generation,
                scope: None,
                empty_is_true: false,
            }),
        },
        progress: Progress {
            pages: batch.progress.pages,
            records: batch.progress.records,
            expected: batch.progress.expected,
        },
        warnings: Vec::new(),
    }
}

fn records(records: record::Records) -> Records {
    match records {
        record::Records::Events(events) => Records::Events(
            events
                .into_iter()
                .map(|event| contract::Event {
                    id: event.id,
                    start: event.start.millis(),
                    end: None,
                    attributes: event.attributes,
                })
                .collect(),
        ),
        record::Records::Entities(entities) => Records::Entities(
            entities
                .into_iter()
                .map(|entity| contract::Entity {
                    updated_at: entity.updated_at.map_or(0, |at| at.millis()),
                    id: entity.id,
                    attributes: entity.attributes,
                })
                .collect(),
        ),
        record::Records::Removals(ids) => Records::Removals(ids),
        record::Records::Samples(samples) => Records::Samples(
            samples
                .into_iter()
                .map(|sample| contract::Sample {
                    at: sample.at.millis(),
                    value: sample.value,
                    attributes: sample.attributes,
                })
                .collect(),
        ),
    }
}
