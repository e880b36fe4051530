//! The Auth0 connector, a simulated tenant and a database of its own, on one
//! clock.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use auth0_tenant::{Clock as TenantClock, DailyStats, Options, Tenant, User};
use rawdash_host::clock::{DrivenClock, SharedClock};
use rawdash_host::component::Connector;
use rawdash_host::contract::{Batch, Mode, Secret, Warning};
use rawdash_host::failure::FailureReport;
use rawdash_host::report::Report;
use rawdash_host::run::{ConfiguredInstance, RunObserver, Selection, Settings, Sync, SyncOptions};
use rawdash_host::stop::StopSignal;
use rawdash_host::storage::{Changed, Storage};
use rawdash_host_cli::EMBEDDED;
use rawdash_sqlite::Database;
use rusqlite::Connection;
use serde_json::{Value, json};
use time::macros::datetime;

use super::leaks;

static CONNECTOR: LazyLock<Connector> =
    LazyLock::new(|| Connector::load(EMBEDDED).unwrap_or_else(|error| panic!("{error}")));

/// The files that hold what commands say.
const SAID: [&str; 2] = ["command.out", "command.err"];

/// The log types that are stored.
pub(crate) const TYPES: [&str; 4] = ["s", "f", "seacft", "fp"];

/// The component that the host embeds.
pub(crate) fn connector() -> Connector {
    CONNECTOR.clone()
}

/// A tenant, and an operator who syncs it.
pub(crate) struct Auth0 {
    pub(crate) tenant: Arc<Tenant>,
    pub(crate) clock: TenantClock,
    pub(crate) driven: DrivenClock,
    pub(crate) settings: Settings,
    pub(crate) configuration: Value,
    pub(crate) options: SyncOptions,
    pub(crate) watcher: Passing,
    directory: tempfile::TempDir,
    database: PathBuf,
}

impl Auth0 {
    pub(crate) async fn new(options: Options) -> Self {
        leaks::watch_panics();
        let start = datetime!(2026-03-01 12:00 UTC);
        let millis = i64::try_from(start.unix_timestamp_nanos() / 1_000_000).unwrap();
        let clock = TenantClock::fixed(millis);
        let driven = DrivenClock::new(start);
        let tenant = Arc::new(Tenant::start(options, clock.clone()).await.unwrap());
        let stalled = (clock.clone(), driven.clone());
        tenant.on_stall(move || pass(&stalled, Duration::from_secs(60)));
        let configuration = json!({
            "domain": tenant.domain(),
            "clientId": tenant.client_id(),
            "clientSecret": { "$secret": "SECRET" },
            "rateLimitShare": 1,
        });
        let directory = tempfile::tempdir().unwrap();
        let route = format!("https://{{/domain}}={}", tenant.url());
        let settings = Settings {
            configuration: configuration.to_string(),
            secrets: vec![Secret { name: "SECRET".to_owned(), value: tenant.client_secret() }],
            routes: vec![route.parse().unwrap()],
            ..Settings::default()
        };
        Auth0 {
            watcher: Passing::new(&clock, &driven),
            tenant,
            clock,
            driven,
            settings,
            configuration,
            options: SyncOptions {
                request: Selection::default(),
                max_wait: Duration::from_secs(3600),
                budget: None,
            },
            database: directory.path().join("rawdash.sqlite"),
            directory,
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.database.clone()
    }

    /// Syncs into the database of another from now on.
    pub(crate) fn share(&mut self, other: &Auth0) {
        self.database = other.path();
    }

    /// Stores at this place from now on.
    pub(crate) fn store_at(&mut self, place: &str) {
        self.database = place.into();
    }

    /// Changes one field of the configuration.
    pub(crate) fn configure(&mut self, field: &str, value: Value) {
        self.configuration[field] = value;
        self.settings.configuration = self.configuration.to_string();
    }

    /// Lets time pass, for the tenant and the host alike.
    pub(crate) fn pass(&self, span: Duration) {
        pass(&(self.clock.clone(), self.driven.clone()), span);
    }

    /// One command, into the database.
    pub(crate) async fn sync(&mut self) -> Report {
        let mut database = self.database();
        self.sync_into(&mut database).await
    }

    pub(crate) fn database(&self) -> Database {
        Database::open(&self.path(), "auth0").unwrap()
    }

    /// One command, into a storage.
    pub(crate) async fn sync_into(&mut self, storage: &mut dyn Storage) -> Report {
        let connector = connector();
        let about = connector.describe().await.unwrap();
        let clock: SharedClock = Arc::new(self.driven.clone());
        let Auth0 { settings, options, watcher, .. } = self;
        let sync = Sync {
            connector: &connector,
            about: &about,
            settings,
            options,
            clock: &clock,
            stop: &StopSignal::new(),
        };
        let report = sync.run(storage, watcher).await;
        leaks::none_in("the report", format!("{report:?}"));
        leaks::none_in("the report's JSON", serde_json::to_vec(&report).unwrap());
        leaks::none_in("what a run said", self.watcher.said.join("\n"));
        // Now, for the WAL is there only while the database is open.
        leaks::none_in_files(self.directory.path());
        report
    }

    /// Whether the credentials suffice, resource by resource.
    pub(crate) async fn check(&self) -> Vec<(String, Result<(), FailureReport>)> {
        let connector = connector();
        let about = connector.describe().await.unwrap();
        let clock: SharedClock = Arc::new(self.driven.clone());
        let opened =
            ConfiguredInstance::open(&connector, &about, &self.settings, &clock, None).await;
        let checked = opened.unwrap().check().await.unwrap();
        leaks::none_in("what a check said", format!("{checked:?}"));
        checked
    }

    /// One command that must succeed.
    pub(crate) async fn sync_well(&mut self, mode: Mode) -> Report {
        let report = self.sync_mode(mode).await;
        assert_eq!(report.exit().code(), 0, "{report:#?}");
        report
    }

    /// What the tenant's users are: by id, when each was changed last.
    pub(crate) fn users(&self) -> BTreeMap<String, i64> {
        let changed = |user: &User| user.updated_at().or(user.created_at()).unwrap_or(0);
        self.tenant.state().users().map(|user| (user.id().to_owned(), changed(user))).collect()
    }

    /// The ids of the log rows that can be read now and are to be stored.
    pub(crate) fn events(&self) -> BTreeSet<String> {
        let state = self.tenant.state();
        let wanted = state.logs().filter(|log| TYPES.contains(&log.kind.as_str()));
        wanted.map(|log| log.id).collect()
    }

    /// The statistics from a day (Unix ms) on, by day and kind.
    pub(crate) fn samples(&self, from: i64) -> BTreeMap<(i64, String), f64> {
        let days = self.tenant.state().stats().into_iter().filter(|day| day.date >= from);
        let kinds = |day: DailyStats| {
            [("logins", day.logins), ("signups", day.signups)]
                .map(|(kind, count)| ((day.date, kind.to_owned()), count as f64))
        };
        days.flat_map(kinds).collect()
    }

    /// One command of a mode.
    pub(crate) async fn sync_mode(&mut self, mode: Mode) -> Report {
        self.options.request.mode = mode;
        self.sync().await
    }

    /// Commands until one is done, as an operator would give them.
    pub(crate) async fn sync_until_done(&mut self) -> Report {
        for _ in 0..20 {
            let report = self.sync().await;
            if report.done && report.exit().code() == 0 {
                return report;
            }
            assert_eq!(report.exit().code(), 75, "{report:?}");
            self.pass(Duration::from_secs(60));
        }
        panic!("not done after 20 commands");
    }

    pub(crate) fn contents(&self) -> Contents {
        Contents::read(&self.path())
    }

    /// The command as an operator gives it, on the machine's own clock. What it
    /// says goes to files of this fixture.
    pub(crate) fn command(&self, mode: Mode) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rawdash-host"));
        self.operate(&mut command, mode);
        command
    }

    /// That command, on its own way to the tenant.
    pub(crate) fn command_without_route(&self, mode: Mode) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rawdash-host"));
        self.operate_without_route(&mut command, mode);
        // Those of the machine that runs the tests.
        for name in ["https_proxy", "all_proxy", "http_proxy", "no_proxy", "SSL_CERT_DIR"] {
            command.env_remove(name).env_remove(name.to_uppercase());
        }
        command
    }

    /// Adds the arguments of that command.
    pub(crate) fn operate(&self, command: &mut Command, mode: Mode) {
        self.operate_without_route(command, mode);
        let route = format!("https://{}={}", self.tenant.domain(), self.tenant.url());
        command.args(["--route", &route]);
    }

    fn operate_without_route(&self, command: &mut Command, mode: Mode) {
        let configuration = self.directory.path().join("auth0.json");
        std::fs::write(&configuration, &self.settings.configuration).unwrap();
        let mode = match mode {
            Mode::Full => "full",
            Mode::Latest => "latest",
            Mode::Auto => "auto",
        };
        command.args(["sync", "--json", "--mode", mode, "--config"]);
        command.arg(configuration).arg("--db").arg(self.path());
        self.surround(command);
    }

    /// Gives a command the secret, and takes what it says.
    pub(crate) fn surround(&self, command: &mut Command) {
        command.env("SECRET", self.tenant.client_secret()).stdin(Stdio::null());
        let file = |name| {
            let path = self.directory.path().join(name);
            OpenOptions::new().create(true).append(true).open(path).unwrap()
        };
        command.stdout(file(SAID[0])).stderr(file(SAID[1]));
    }

    /// What commands have said so far, on standard output and standard error.
    pub(crate) fn said(&self) -> String {
        SAID.map(|name| std::fs::read_to_string(self.directory.path().join(name)).unwrap()).concat()
    }

    /// Requests to an endpoint since they were forgotten last, by path.
    pub(crate) fn asked_for(&self, path: &str) -> usize {
        self.tenant.requests().iter().filter(|request| request.path.starts_with(path)).count()
    }
}

impl Drop for Auth0 {
    fn drop(&mut self) {
        leaks::none_in_files(self.directory.path());
    }
}

fn pass((tenant, host): &(TenantClock, DrivenClock), span: Duration) {
    tenant.advance(span);
    host.advance(span);
}

/// Lets the time of each wait pass, and notes what a person would see.
pub(crate) struct Passing {
    clocks: (TenantClock, DrivenClock),
    pub(crate) waits: Vec<Duration>,
    pub(crate) failures: Vec<String>,
    /// The requests that were denied, as they were reported.
    pub(crate) denials: Vec<String>,
    /// After each step: pages read of the resource that came last, and bytes of
    /// the component's linear memory.
    pub(crate) memory: Vec<(u64, usize)>,
    pages: u64,
    /// Every text, whatever it is about.
    said: Vec<String>,
    /// What happens at the first wait.
    pub(crate) at_wait: Option<Box<dyn FnOnce() + Send>>,
}

impl Passing {
    fn new(clock: &TenantClock, driven: &DrivenClock) -> Self {
        Passing {
            clocks: (clock.clone(), driven.clone()),
            waits: Vec::new(),
            failures: Vec::new(),
            denials: Vec::new(),
            memory: Vec::new(),
            pages: 0,
            said: Vec::new(),
            at_wait: None,
        }
    }
}

impl RunObserver for Passing {
    fn waiting(&mut self, span: Duration, _: Option<&FailureReport>) {
        self.waits.push(span);
        pass(&self.clocks, span);
        if let Some(happens) = self.at_wait.take() {
            happens();
        }
    }

    fn progress(&mut self, batch: &Batch, _: Changed) {
        self.pages = batch.progress.pages;
    }

    fn stepped(&mut self, memory: usize) {
        self.memory.push((self.pages, memory));
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

/// What readers of the database see, row by row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Contents {
    /// By id: updated_at and attributes.
    pub(crate) users: BTreeMap<String, (i64, Value)>,
    /// By log id: date and attributes. A second row of one id would be lost
    /// here, so rows are counted beside it.
    pub(crate) events: BTreeMap<String, (i64, Value)>,
    pub(crate) event_rows: i64,
    /// By day and kind.
    pub(crate) samples: BTreeMap<(i64, String), f64>,
    pub(crate) sample_rows: i64,
}

impl Contents {
    pub(crate) fn read(path: &Path) -> Self {
        let connection = Connection::open(path).unwrap();
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        let mut contents = Contents {
            event_rows: count("SELECT count(*) FROM events"),
            sample_rows: count("SELECT count(*) FROM metrics"),
            ..Contents::default()
        };
        let json = |text: String| serde_json::from_str::<Value>(&text).unwrap();
        let mut users = connection
            .prepare("SELECT id, updated_at, attributes FROM entities WHERE type = 'auth0_user'")
            .unwrap();
        let rows =
            users.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, json(row.get(2)?))))).unwrap();
        contents.users = rows.map(Result::unwrap).collect();
        let mut events = connection
            .prepare("SELECT start_ts, attributes FROM events WHERE name = 'auth0_login_event'")
            .unwrap();
        let rows = events.query_map([], |row| Ok((row.get(0)?, json(row.get(1)?)))).unwrap();
        contents.events = rows
            .map(Result::unwrap)
            .map(|(at, value): (i64, Value)| {
                (value["logId"].as_str().unwrap().to_owned(), (at, value))
            })
            .collect();
        let mut samples = connection
            .prepare(
                "SELECT ts, attributes, value FROM metrics WHERE name = 'auth0_daily_active_users'",
            )
            .unwrap();
        let rows = samples
            .query_map([], |row| {
                Ok((
                    (row.get(0)?, json(row.get(1)?)["kind"].as_str().unwrap().to_owned()),
                    row.get(2)?,
                ))
            })
            .unwrap();
        contents.samples = rows.map(Result::unwrap).collect();
        contents
    }

    /// By id, when each user was changed last.
    pub(crate) fn changed(&self) -> BTreeMap<String, i64> {
        self.users.iter().map(|(id, (at, _))| (id.clone(), *at)).collect()
    }

    pub(crate) fn event_ids(&self) -> BTreeSet<String> {
        assert_eq!(self.event_rows, self.events.len() as i64, "an event is stored twice");
        self.events.keys().cloned().collect()
    }

    /// The types of the events, counted.
    pub(crate) fn types(&self) -> BTreeMap<String, usize> {
        let mut types = BTreeMap::new();
        for (_, attributes) in self.events.values() {
            *types.entry(attributes["type"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        types
    }
}
