//! One slice of one sync.

use std::sync::Arc;
use std::time::Duration;

use rawdash_host::clock::SharedClock;
use rawdash_host::component::Connector;
use rawdash_host::contract::About;
use rawdash_host::failure::{FailureReport, HostKind};
use rawdash_host::origins::{OriginPolicy, Route};
use rawdash_host::run::{
    Acceptance, ConfiguredInstance, Selection, Settings, Sync, SyncOptions, accept_origins,
};
use rawdash_host::stop::StopSignal;
use rawdash_host::storage::Storage;
use rawdash_host::transport::Network;
use rawdash_host_cli::early_end::EarlyEnd;
use rawdash_host_cli::input::configuration::Configuration;
use rawdash_host_cli::input::secrets::{SecretHints, Secrets};
use tokio::sync::Semaphore;

use crate::outcome::{Repeat, SliceEnd, SliceOutcome, repeats};
use crate::secrets::SecretFiles;
use crate::store::{Part, Store};
use crate::tenants::{TenantName, Tenants};

/// The longest wait within a slice. The engine waits longer ones, which cost nothing.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Syncs any tenant, one slice at a time. All tenants share one compiled component.
pub(crate) struct Slicer {
    /// The connector.
    pub(crate) connector: Connector,
    /// Its manifest.
    pub(crate) about: About,
    /// The configurations.
    pub(crate) tenants: Tenants,
    /// The values of what the configurations name.
    pub(crate) secrets: SecretFiles,
    /// The databases.
    pub(crate) store: Store,
    /// The routes of those tenants that declare their origin.
    pub(crate) routes: Vec<Route>,
    /// The network to all other origins.
    pub(crate) network: Network,
    /// How long a slice lasts.
    pub(crate) budget: Duration,
    /// The slices that may run at once.
    pub(crate) turns: Arc<Semaphore>,
    /// The clock of all of them.
    pub(crate) clock: SharedClock,
    /// Raised when the process is to end.
    pub(crate) stop: StopSignal,
}

/// A tenant that is ready to be synced.
struct Ready {
    settings: Settings,
    hints: SecretHints,
    storage: Box<dyn Storage>,
}

/// Why a slice does not begin.
enum NotReady {
    Complete,
    Failed(FailureReport),
    Repeat(Repeat),
}

impl From<EarlyEnd> for NotReady {
    fn from(end: EarlyEnd) -> NotReady {
        match end {
            EarlyEnd::Usage(message) => {
                NotReady::Failed(FailureReport::new(HostKind::Configuration, message))
            }
            EarlyEnd::Failure(failure) => failure.into(),
        }
    }
}

impl From<FailureReport> for NotReady {
    fn from(failure: FailureReport) -> NotReady {
        if repeats(&failure.kind) {
            NotReady::Repeat(Repeat(failure.message))
        } else {
            NotReady::Failed(failure)
        }
    }
}

impl Slicer {
    /// Begins or resumes the tenant's sync of these resources (if there are none, of all
    /// that the configuration allows), and stops between two steps when the slice's time
    /// is over.
    ///
    /// # Errors
    /// When the engine should repeat it.
    pub(crate) async fn slice(
        &self,
        tenant: &TenantName,
        sync: &str,
        resources: Vec<String>,
    ) -> Result<SliceOutcome, Repeat> {
        // The semaphore is never closed.
        let turn = self.turns.acquire().await;
        if self.stop.is_raised() {
            return Err(Repeat("this worker is shutting down".to_owned()));
        }
        let outcome = match self.ready(tenant, sync).await {
            Ok(ready) => self.run(ready, resources).await,
            Err(NotReady::Complete) => Ok(SliceOutcome::nothing(SliceEnd::Done, self.now())),
            Err(NotReady::Failed(failure)) => {
                Ok(SliceOutcome::nothing(SliceEnd::Failed((&failure).into()), self.now()))
            }
            Err(NotReady::Repeat(repeat)) => Err(repeat),
        };
        drop(turn);
        outcome
    }

    async fn ready(&self, tenant: &TenantName, sync: &str) -> Result<Ready, NotReady> {
        let configuration = self.tenants.configuration(tenant).await?;
        let Secrets { values, hints } = configuration.secrets(&self.secrets)?;
        let settings = Settings {
            routes: self.routes_of(&configuration),
            configuration: configuration.text,
            secrets: values,
            network: self.network.clone(),
            ..Settings::default()
        };
        let Slicer { connector, about, clock, .. } = self;
        ConfiguredInstance::try_configuration(connector, about, &settings, clock).await?;
        let mut storage = match self.store.open(tenant, sync).await? {
            Part::Open(storage) => storage,
            Part::Complete => return Err(NotReady::Complete),
        };
        self.accept_origins(storage.as_mut()).await?;
        Ok(Ready { settings, hints, storage })
    }

    /// Refuses a component that declares more origins than were accepted.
    async fn accept_origins(&self, storage: &mut dyn Storage) -> Result<(), EarlyEnd> {
        match accept_origins(storage, &self.about, false).await? {
            Acceptance::Known | Acceptance::Remembered(_) => Ok(()),
            Acceptance::Refused(origins) => Err(EarlyEnd::configuration(format!(
                "the connector wants to reach {}, which has not been accepted for this tenant: \
                 if that is intended, sync it once with `rawdash-host sync --accept-origins`",
                origins.join(", ")
            ))),
        }
    }

    fn routes_of(&self, configuration: &Configuration) -> Vec<Route> {
        let Ok(policy) = OriginPolicy::new(&self.about.origins, &configuration.value) else {
            return Vec::new();
        };
        let declared = |route: &&Route| Route::check(std::slice::from_ref(*route), &policy).is_ok();
        self.routes.iter().filter(declared).cloned().collect()
    }

    async fn run(&self, ready: Ready, resources: Vec<String>) -> Result<SliceOutcome, Repeat> {
        let Ready { settings, hints, mut storage } = ready;
        let request = Selection { resources, ..Selection::default() };
        let options = SyncOptions { request, max_wait: LONGEST_WAIT, budget: Some(self.budget) };
        let sync = Sync {
            connector: &self.connector,
            about: &self.about,
            settings: &settings,
            options: &options,
            clock: &self.clock,
            stop: &self.stop,
        };
        let mut report = sync.run(storage.as_mut(), &mut ()).await;
        report.failures_mut().for_each(|failure| hints.explain(failure));
        SliceOutcome::of(&report, self.now())
    }

    /// The time, in Unix milliseconds.
    pub(crate) fn now(&self) -> i64 {
        let milliseconds = self.clock.wall().unix_timestamp_nanos() / 1_000_000;
        i64::try_from(milliseconds).unwrap_or(i64::MAX)
    }
}
