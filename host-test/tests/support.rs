//! What the tests of the host share: components, a server, a storage.
// Each test file uses a part.
#![allow(dead_code)]

pub(crate) mod at_once;
pub(crate) mod auth0;
pub(crate) mod chromium;
pub(crate) mod history;
pub(crate) mod leaks;
pub(crate) mod promtool;
pub(crate) mod proxy;
pub(crate) mod rows;
pub(crate) mod server;
pub(crate) mod storage;
pub(crate) mod tapped;
pub(crate) mod tls;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use rawdash_host::clock::{Clock, DrivenClock, SharedClock};
use rawdash_host::component::Connector;
use rawdash_host::contract::{About, Warning};
use rawdash_host::failure::FailureReport;
use rawdash_host::report::Report;
use rawdash_host::run::{RunObserver, Selection, Settings, Sync, SyncOptions};
use rawdash_host::stop::StopSignal;
use rawdash_host::storage::Storage;
use time::macros::datetime;

use storage::MemoryStorage;

/// Longer than anything takes on any machine, however busy it is: only a test
/// that hangs waits for it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(600);

/// Noon of 2026-03-01, where a tenant's clock stands: no day ends in a test.
pub(crate) fn noon() -> auth0_tenant::Clock {
    auth0_tenant::Clock::fixed(1_772_366_400_000)
}

/// The components of this repository's tests, built once.
struct Guests {
    weather: Connector,
    hostile: Connector,
}

/// Says that the machine lacks what a test needs: straight to standard error, because
/// the output of a test that passes is not shown.
pub(crate) fn left_out(what: &str) {
    std::io::stderr().write_all(format!("LEFT OUT: {what}\n").as_bytes()).unwrap();
}

/// Builds components of this repository's packages, and tells where they lie.
pub(crate) fn built(packages: &[&str]) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target_dir = Path::new(env!("RAWDASH_COMPONENT_TARGET_DIR"));
    component_build::build(&root, target_dir, packages).unwrap_or_else(|error| panic!("{error}"))
}

static GUESTS: LazyLock<Guests> = LazyLock::new(|| {
    let paths = built(&["weather-connector", "hostile-component"]);
    let load = |path| Connector::load_file(path).unwrap_or_else(|error| panic!("{error}"));
    Guests { weather: load(&paths[0]), hostile: load(&paths[1]) }
});

/// The example connector.
pub(crate) fn weather() -> Connector {
    GUESTS.weather.clone()
}

/// The component that misbehaves.
pub(crate) fn hostile() -> Connector {
    GUESTS.hostile.clone()
}

/// One command as a test gives it, with all that it is done with.
pub(crate) struct Bench {
    pub(crate) connector: Connector,
    pub(crate) settings: Settings,
    pub(crate) options: SyncOptions,
    pub(crate) driven: DrivenClock,
    pub(crate) storage: MemoryStorage,
    pub(crate) watcher: Watcher,
}

impl Bench {
    pub(crate) fn new(connector: Connector, configuration: serde_json::Value) -> Self {
        leaks::watch_panics();
        let driven = DrivenClock::new(datetime!(2026-03-01 12:00 UTC));
        let request = Selection::default();
        Bench {
            connector,
            settings: Settings { configuration: configuration.to_string(), ..Settings::default() },
            options: SyncOptions { request, max_wait: Duration::from_secs(300), budget: None },
            watcher: Watcher::new(driven.clone()),
            driven,
            storage: MemoryStorage::default(),
        }
    }

    /// Sends what is for `https://HOST` of the configuration to a server.
    pub(crate) fn route(mut self, url: &str) -> Self {
        let route = format!("https://{{/host}}={url}").parse().unwrap();
        self.settings.routes = vec![route];
        self
    }

    pub(crate) fn clock(&self) -> SharedClock {
        Arc::new(self.driven.clone())
    }

    pub(crate) async fn about(&self) -> About {
        self.connector.describe().await.unwrap()
    }

    pub(crate) async fn run(&mut self) -> Report {
        let (about, clock) = (self.about().await, self.clock());
        let Bench { connector, settings, options, watcher, storage, .. } = self;
        let stop = &StopSignal::new();
        let sync = Sync { connector, about: &about, settings, options, clock: &clock, stop };
        let report = sync.run(storage, watcher).await;
        self.told_no_secret(&report);
        report
    }

    pub(crate) async fn run_into(&mut self, storage: &mut dyn Storage) -> Report {
        let (about, clock) = (self.about().await, self.clock());
        let Bench { connector, settings, options, watcher, .. } = self;
        let stop = &StopSignal::new();
        let sync = Sync { connector, about: &about, settings, options, clock: &clock, stop };
        let report = sync.run(storage, watcher).await;
        self.told_no_secret(&report);
        report
    }

    fn told_no_secret(&self, report: &Report) {
        leaks::none_in("the report", format!("{report:?}"));
        leaks::none_in("the report's JSON", serde_json::to_vec(report).unwrap());
        leaks::none_in("what a run said", self.watcher.said.join("\n"));
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        leaks::none_in("the checkpoint", self.storage.checkpoint.as_deref().unwrap_or_default());
    }
}

/// Drives the clock as soon as it may, for waits that nothing but time ends.
/// It passes no instant that is waited for before that wait has ended; what is
/// not waited for yet it does not know. So `may` must hold only once every wait
/// that could end the run is under way.
pub(crate) async fn pass_time(clock: &DrivenClock, may: impl Fn() -> bool) {
    let begun = Instant::now();
    loop {
        assert!(
            begun.elapsed() < PATIENCE,
            "the run hangs; the next wait: {:?}",
            clock.next_wait()
        );
        tokio::task::yield_now().await;
        if let Some(next) = clock.next_wait().filter(|_| may()) {
            let left = next.saturating_sub(clock.monotonic());
            clock.advance(left.min(Duration::from_secs(10)));
        }
    }
}

/// Notes every call, and drives the clock through the waits.
pub(crate) struct Watcher {
    clock: DrivenClock,
    pub(crate) waits: Vec<Duration>,
    pub(crate) denials: Vec<String>,
    pub(crate) failures: Vec<String>,
    /// Every text, whatever it is about.
    said: Vec<String>,
}

impl Watcher {
    fn new(clock: DrivenClock) -> Self {
        let (waits, denials, failures, said) = Default::default();
        Watcher { clock, waits, denials, failures, said }
    }
}

impl RunObserver for Watcher {
    fn waiting(&mut self, span: Duration, _: Option<&FailureReport>) {
        self.waits.push(span);
        self.clock.advance(span);
    }

    fn warning(&mut self, resource: Option<&str>, warning: &Warning) {
        self.said.push(format!("{resource:?} {warning:?}"));
    }

    fn denied(&mut self, denial: &str) {
        self.denials.push(denial.to_owned());
        self.said.push(denial.to_owned());
    }

    fn failure(&mut self, resource: Option<&str>, failure: &FailureReport) {
        self.failures.push(failure.message.clone());
        self.said.push(format!("{resource:?} {failure:?}"));
    }
}
