//! The baseline: the connector as a native program. It has the same engine, client,
//! loop and database, but no component.

mod conversion;
mod exchange;

use std::time::{self, Duration};

use async_trait::async_trait;
use auth0_connector::Auth0;
use rawdash_connector_sdk::contract::failure::Failure as EngineFailure;
use rawdash_connector_sdk::contract::request::SyncRequest;
use rawdash_connector_sdk::contract::step::Step as EngineStep;
use rawdash_connector_sdk::engine::Engine;
use rawdash_connector_sdk::engine::outgoing::{Outgoing, Turn};
use rawdash_connector_sdk::http::reply::Reply;
use rawdash_connector_sdk::time::instant::Instant;
use rawdash_connector_sdk::time::moment::Moment;
use rawdash_connector_sdk::time::timestamp::Timestamp;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use wasmtime_wasi_http::WasiHttpHooks;

use super::measured::Measured;
use super::taking::{Tally, take_all};
use rawdash_host::contract::{ConfigureError, Failure, Mode, Request, ResourceInfo, Step};
use rawdash_host::error::HostError;
use rawdash_host::run::{Settings, StepSource};
use rawdash_host::storage::Storage;

/// One configured engine and its exchanges under way.
pub struct Native {
    engine: Engine<Auth0>,
    resources: Vec<ResourceInfo>,
    hooks: Box<dyn WasiHttpHooks>,
    begun: time::Instant,
    answer: UnboundedSender<(u64, Reply)>,
    answers: UnboundedReceiver<(u64, Reply)>,
}

impl Native {
    /// An engine that sends its requests through `hooks`.
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
            secrets.find(|secret| secret.name == name).map(|secret| secret.value.clone())
        };
        let (engine, configured) = Engine::configure(&settings.configuration, &secret, checkpoint)
            .map_err(|error| format!("{error:?}"))?;
        let resources = configured.resources.iter().map(conversion::resource).collect();
        let (answer, answers) = unbounded_channel();
        let (hooks, begun) = (Box::new(hooks), time::Instant::now());
        Ok(Native { engine, resources, hooks, begun, answer, answers })
    }

    /// Takes every step and stores it with its checkpoint, in the loop that the host
    /// uses for components.
    ///
    /// # Errors
    /// When a resource or the sync fails, or the storage does.
    pub async fn sync(
        mut self,
        mode: Mode,
        storage: &mut dyn Storage,
        tally: &mut Tally,
    ) -> Measured<()> {
        let resources = std::mem::take(&mut self.resources);
        take_all(&resources, mode, &mut self, storage, tally).await
    }

    /// Drives the engine to its next step, as the component does.
    async fn drive(&mut self, request: &SyncRequest) -> Result<EngineStep, EngineFailure> {
        self.engine.enter(request, self.now())?;
        loop {
            while let Ok((ticket, reply)) = self.answers.try_recv() {
                self.engine.receive(ticket, reply, self.now());
            }
            let (outgoing, turn) = self.engine.turn(self.now());
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

    fn now(&self) -> Moment {
        let elapsed = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let wall = time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_millis();
        let wall = i64::try_from(wall).ok().and_then(Timestamp::from_millis);
        Moment { instant: Instant::from_millis(elapsed), wall: wall.unwrap_or(Timestamp::EPOCH) }
    }

    async fn wait(&mut self, until: Option<Instant>) {
        let span = until.map_or(u64::MAX, |until| until.since(self.now().instant));
        let answer = tokio::time::timeout(Duration::from_millis(span), self.answers.recv()).await;
        if let Ok(Some((ticket, reply))) = answer {
            self.engine.receive(ticket, reply, self.now());
        }
    }

    fn send(&mut self, sent: Outgoing) {
        let (ticket, answer) = (sent.ticket, self.answer.clone());
        let exchange = exchange::begin(&mut *self.hooks, sent);
        tokio::spawn(async move {
            // The run may have ended meanwhile.
            let _ = answer.send((ticket, exchange.await));
        });
    }
}

#[async_trait]
impl StepSource for Native {
    async fn step(&mut self, request: &Request) -> Result<Result<Step, Failure>, HostError> {
        let step = self.drive(&conversion::request(request)).await;
        Ok(step.map(conversion::step).map_err(conversion::failure))
    }

    async fn checkpoint(&mut self) -> Result<Result<String, Failure>, HostError> {
        Ok(self.engine.checkpoint().map_err(conversion::failure))
    }

    /// A measured source does not become empty.
    async fn rewind(&mut self, _: Option<&str>) -> Result<Result<(), ConfigureError>, HostError> {
        Err(HostError::Gone)
    }
}
