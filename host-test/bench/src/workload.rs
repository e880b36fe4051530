//! The work of one measured process, and its figures.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use auth0_connector::Auth0;
use auth0_tenant::Announcement;
use rawdash_connector_sdk::connector::Connector as _;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::discard::Discard;
use super::measured::Measured;
use super::native::Native;
use super::replayed_requests::ReplayedRequests;
use super::replayed_storage::ReplayedStorage;
use super::taking::Tally;
use super::usage::{self, Memory};
use rawdash_host::clock::{SharedClock, SystemClock};
use rawdash_host::component::Connector;
use rawdash_host::contract::{Batch, Mode, Records, Secret};
use rawdash_host::origins::{Egress, OriginPolicy};
use rawdash_host::report::Report;
use rawdash_host::run::{RunObserver, Selection, Settings, Sync, SyncOptions};
use rawdash_host::stop::StopSignal;
use rawdash_host::storage::{Changed, Storage};
use rawdash_host::transport::{Network, Transport};
use rawdash_sqlite::Database;

/// One sync of a tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Workload {
    /// The tenant, in a process of its own, so that its usage does not count.
    pub tenant: Announcement,
    /// What syncs it.
    pub way: Way,
    /// The resources, by their names in the configuration; empty means all.
    pub resources: Vec<String>,
    /// The share of the rate limit.
    pub share: f64,
    /// Everything, or only what changed.
    pub latest: bool,
    /// The database; with `None` nothing is stored.
    pub database: Option<PathBuf>,
}

/// What syncs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    /// The component in the host.
    Component,
    /// The core as a native program.
    Native,
    /// Storing alone: the rows of a native sync before it, which does not count.
    Storing,
    /// Checking alone: the rows of a native sync before it, which does not count.
    Checking,
    /// Requests alone: those of a native sync before it, bodies dropped.
    Requests,
}

/// The figures of a sync.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Processor time of the process since its start, or since the end of the sync
    /// before.
    pub cpu: Duration,
    /// Time from the start of the sync to its end. Of [`Way::Storing`],
    /// [`Way::Checking`] and [`Way::Requests`] it includes the sync before.
    pub wall: Duration,
    /// Bytes of bodies received, before they are inflated.
    pub received: u64,
    /// Memory after [`EARLY`] log rows, if there were as many, and at the end.
    pub memory: Vec<Memory>,
}

/// The number of log rows after which memory is measured first.
pub const EARLY: u64 = 10_000;
/// Rows of one page of the log.
const PAGE: u64 = 100;

impl Workload {
    /// A full sync of everything by the component, which stores nothing.
    pub fn of(tenant: Announcement) -> Workload {
        let (way, resources, share) = (Way::Component, Vec::new(), 1.0);
        Workload { tenant, way, resources, share, latest: false, database: None }
    }

    /// Runs it in this process, and returns what the process used.
    ///
    /// # Errors
    /// When the sync fails.
    pub async fn run(&self, component: &[u8]) -> Measured<Figures> {
        let resources: Vec<&str> = self.resources.iter().map(String::as_str).collect();
        let settings = settings(&self.tenant, &resources, self.share)?;
        let mut storage: Box<dyn Storage> = match &self.database {
            Some(path) => Box::new(Database::open(path, "auth0")?),
            None => Box::new(Discard),
        };
        let begun = Instant::now();
        let mut watched = Watched::default();
        let (before, received) = match self.way {
            Way::Component => {
                let connector = Connector::load(component)?;
                let (mode, clock) = (self.mode(), Arc::new(SystemClock::new()));
                let report =
                    sync(&connector, &settings, mode, clock, &mut *storage, &mut watched).await?;
                (Duration::ZERO, report.received)
            }
            Way::Native => (Duration::ZERO, self.natively(&settings, &mut *storage).await?),
            Way::Storing => (self.storing(&settings, &mut *storage).await?, 0),
            Way::Checking => (self.checking(&settings).await?, 0),
            Way::Requests => (self.requests(&settings).await?, 0),
        };
        watched.look()?;
        let (cpu, wall, memory) = (usage::cpu()? - before, begun.elapsed(), watched.seen);
        Ok(Figures { cpu, wall, received, memory })
    }

    fn mode(&self) -> Mode {
        if self.latest { Mode::Latest } else { Mode::Full }
    }

    /// Returns the bytes of bodies received.
    async fn natively(&self, settings: &Settings, storage: &mut dyn Storage) -> Measured<u64> {
        let transport = transport(settings)?;
        let traffic = transport.traffic();
        let checkpoint = storage.checkpoint().await?;
        let native = Native::new(settings, checkpoint.as_deref(), transport)?;
        native.sync(self.mode(), storage, &mut Tally::default()).await?;
        Ok(traffic.received())
    }

    /// Returns the processor time before the rows were stored.
    async fn storing(&self, settings: &Settings, storage: &mut dyn Storage) -> Measured<Duration> {
        let mut replayed = ReplayedStorage::default();
        self.natively(settings, &mut replayed).await?;
        let before = usage::cpu()?;
        replayed.store(storage).await?;
        Ok(before)
    }

    /// Returns the processor time before the rows were checked.
    async fn checking(&self, settings: &Settings) -> Measured<Duration> {
        let mut replayed = ReplayedStorage::default();
        self.natively(settings, &mut replayed).await?;
        let before = usage::cpu()?;
        replayed.check()?;
        Ok(before)
    }

    /// Returns the processor time before the requests were sent again.
    async fn requests(&self, settings: &Settings) -> Measured<Duration> {
        let mut replayed = ReplayedRequests::new(transport(settings)?);
        let native = Native::new(settings, None, replayed.clone())?;
        native.sync(self.mode(), &mut Discard, &mut Tally::default()).await?;
        let before = usage::cpu()?;
        replayed.again().await?;
        Ok(before)
    }
}

/// One sync of everything that the settings allow, by a component.
///
/// # Errors
/// When it does not finish, or a resource fails.
pub(super) async fn sync(
    connector: &Connector,
    settings: &Settings,
    mode: Mode,
    clock: SharedClock,
    storage: &mut dyn Storage,
    observer: &mut dyn RunObserver,
) -> Measured<Report> {
    let about = connector.describe().await?;
    let request = Selection::all(mode);
    let options = SyncOptions { request, max_wait: Duration::from_secs(3600), budget: None };
    let sync = Sync {
        connector,
        about: &about,
        settings,
        options: &options,
        clock: &clock,
        stop: &StopSignal::new(),
    };
    let report = sync.run(storage, observer).await;
    if !report.done || report.has_failure() {
        return Err(format!("the sync failed: {report:?}").into());
    }
    Ok(report)
}

/// The settings for a sync of a simulated tenant.
///
/// # Errors
/// When the tenant's address is invalid.
pub(super) fn settings(
    tenant: &Announcement,
    resources: &[&str],
    share: f64,
) -> Measured<Settings> {
    let mut configuration = json!({
        "domain": tenant.domain,
        "clientId": tenant.client_id,
        "clientSecret": { "$secret": "SECRET" },
        "rateLimitShare": share,
    });
    if let (false, Some(fields)) = (resources.is_empty(), configuration.as_object_mut()) {
        fields.insert("resources".to_owned(), json!(resources));
    }
    let value = tenant.client_secret.clone();
    Ok(Settings {
        configuration: configuration.to_string(),
        secrets: vec![Secret { name: "SECRET".to_owned(), value }],
        routes: vec![format!("https://{{/domain}}={}", tenant.url).parse()?],
        ..Settings::default()
    })
}

/// A transport to that tenant only.
pub(super) fn transport(settings: &Settings) -> Measured<Transport> {
    let configuration = serde_json::from_str(&settings.configuration)?;
    let policy = OriginPolicy::new(&Auth0::identity().origins, &configuration)?;
    let egress = Egress::new(&policy, &policy.origins(), &settings.routes)?;
    let clock: SharedClock = Arc::new(SystemClock::new());
    Ok(Transport::new(egress, &Network::default(), &settings.limits.http, clock)?)
}

/// Measures memory during a sync.
#[derive(Default)]
struct Watched {
    rows: u64,
    linear: usize,
    seen: Vec<Memory>,
}

impl Watched {
    fn look(&mut self) -> Measured<()> {
        self.seen.push(Memory::look(self.rows, self.linear)?);
        Ok(())
    }
}

impl RunObserver for Watched {
    fn progress(&mut self, batch: &Batch, _: Changed) {
        if matches!(batch.records, Records::Events(_)) {
            self.rows = batch.progress.pages * PAGE;
        }
    }

    fn stepped(&mut self, linear: usize) {
        self.linear = linear;
        if self.seen.is_empty() && self.rows >= EARLY {
            // If it cannot be measured, the end of the workload reports it.
            let _ = self.look();
        }
    }
}
