//! The rival: the connector's core as a native program. It has the same
//! client, the same types and the same database, and no component between.

use std::pin::Pin;
use std::time::{Duration, Instant};

use auth0_connector_core::auth0::reply::{Head, Reply};
use auth0_connector_core::auth0::token;
use auth0_connector_core::configuration::Configuration;
use auth0_connector_core::engine::instant;
use auth0_connector_core::manifest::USER_AGENT;
use auth0_connector_core::rawdash::record;
use auth0_connector_core::sync::checkpoint::{Checkpoint, Mode};
use auth0_connector_core::sync::session::{self, Outgoing, Session, SyncRequest, Turn};
use bytes::Bytes;
use http::Method;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT as AGENT};
use http_body_util::{BodyExt, Full};
use time::OffsetDateTime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use wasmtime_wasi_http::{WasiBody, WasiHttpHooks};

use super::outcome::Outcome;
use crate::contract::{self, Batch, Progress, Records, Window};
use crate::run::Settings;
use crate::storage::Storage;

/// One configured core and the exchanges that it has under way.
pub struct Native {
    session: Session,
    hooks: Box<dyn WasiHttpHooks>,
    begun: Instant,
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
    ) -> Outcome<Native> {
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
        Ok(Native { session, hooks: Box::new(hooks), begun: Instant::now(), answer, answers })
    }

    /// Runs to the end, each step stored with its checkpoint.
    ///
    /// # Errors
    /// When a resource or the run fails, or the storage does.
    pub async fn sync(mut self, mode: contract::Mode, storage: &mut dyn Storage) -> Outcome<()> {
        let mode = match mode {
            contract::Mode::Auto => None,
            contract::Mode::Full => Some(Mode::Full),
            contract::Mode::Latest => Some(Mode::Latest),
        };
        let asked = SyncRequest { mode, ..SyncRequest::default() };
        let mut began = Mode::Full;
        loop {
            let step = self.step(&asked).await?;
            let checkpoint = self.session.checkpoint();
            match step {
                session::Step::Began { mode, .. } => {
                    began = mode;
                    storage.commit(&[], &checkpoint)?;
                }
                session::Step::Batches(batches) => {
                    let batches: Vec<Batch> = batches.into_iter().map(batch).collect();
                    storage.commit(&batches, &checkpoint)?;
                }
                session::Step::ResourceFailed(failure) => return Err(failure.message.into()),
                session::Step::Wait(pause) => {
                    tokio::time::sleep(Duration::from_millis(pause.into())).await;
                }
                session::Step::Done => {
                    let mode = match began {
                        Mode::Full => contract::Mode::Full,
                        Mode::Latest => contract::Mode::Latest,
                    };
                    storage.complete(mode, OffsetDateTime::now_utc(), &checkpoint)?;
                    return Ok(());
                }
            }
        }
    }

    /// Drives the session to its next step, as the component does.
    ///
    /// # Errors
    /// When the run fails.
    pub async fn step(&mut self, asked: &SyncRequest) -> Outcome<session::Step> {
        loop {
            while let Ok((ticket, reply)) = self.answers.try_recv() {
                self.session.receive(ticket, reply, self.now());
            }
            let (outgoing, turn) = self.session.turn(asked, self.now());
            for sent in outgoing {
                self.send(sent)?;
            }
            match turn {
                Turn::Step(step) => return Ok(step),
                Turn::Failed(failure) => return Err(failure.message.into()),
                Turn::Await(until) => self.wait(until).await,
            }
        }
    }

    fn now(&self) -> instant::Instant {
        let elapsed = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        instant::Instant::from_millis(elapsed)
    }

    async fn wait(&mut self, until: Option<instant::Instant>) {
        let span = until.map_or(u64::MAX, |until| until.since(self.now()));
        let answer = tokio::time::timeout(Duration::from_millis(span), self.answers.recv()).await;
        if let Ok(Some((ticket, reply))) = answer {
            self.session.receive(ticket, reply, self.now());
        }
    }

    fn send(&mut self, sent: Outgoing) -> Outcome<()> {
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
        let request = request.body(body.boxed_unsync())?;
        let completion = Box::new(std::future::ready(Ok(())));
        let exchange = Pin::from(self.hooks.send_request(request, None, completion));
        let answer = self.answer.clone();
        tokio::spawn(async move {
            let reply = match exchange.await {
                Ok((response, _)) => receive(response).await,
                Err(error) => Reply::Broken(error.to_string()),
            };
            // The run may have ended meanwhile.
            let _ = answer.send((sent.ticket, reply));
        });
        Ok(())
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

/// How many records a step brings.
pub fn brought(step: &session::Step) -> u64 {
    match step {
        session::Step::Batches(batches) => {
            batches.iter().map(|batch| batch.records.len() as u64).sum()
        }
        _ => 0,
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
            record::Effect::ReplaceAll(generation) => contract::Effect::ReplaceAll(generation),
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
