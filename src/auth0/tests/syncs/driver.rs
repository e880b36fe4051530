//! A tenant, an engine, and the host between them.

use std::time::Duration;

use auth0_connector::Auth0;
use auth0_tenant::{Clock, Options, Tenant};
use rawdash_connector_sdk::contract::batch::Warning;
use rawdash_connector_sdk::contract::failure::{Failure, FailureKind};
use rawdash_connector_sdk::contract::request::{Mode, SyncRequest, Want};
use rawdash_connector_sdk::contract::step::{Ending, Step};
use rawdash_connector_sdk::engine::Engine;
use rawdash_connector_sdk::engine::outgoing::{Outgoing, Turn};
use rawdash_connector_sdk::time::instant::Instant;
use rawdash_connector_sdk::time::moment::Moment;
use rawdash_connector_sdk::time::timestamp::Timestamp;
use tokio::runtime::Runtime;

use crate::http::exchange;
use crate::store::Store;

/// 2026-08-20T12:34:56.789Z
pub(crate) const NOW: i64 = 1_787_229_296_789;
pub(crate) const USERS: &str = "auth0_user";
pub(crate) const EVENTS: &str = "auth0_login_event";
pub(crate) const STATS: &str = "auth0_daily_active_users";

pub(crate) struct Driver {
    pub(crate) tenant: Tenant,
    pub(crate) clock: Clock,
    pub(crate) store: Store,
    pub(crate) warnings: Vec<Warning>,
    /// The endings of the last sync.
    pub(crate) endings: Vec<(String, Ending)>,
    /// Requests sent in the last sync.
    pub(crate) requests: usize,
    request: SyncRequest,
    settings: String,
    checkpoint: Option<String>,
    waiting: Vec<Outgoing>,
    /// Dropped last: the tenant runs in it.
    _runtime: Runtime,
}

/// Users and rows as documented.
pub(crate) fn plain(users: u32, logs: u32) -> Options {
    Options { users, logs, odd: false, ..Options::default() }
}

impl Driver {
    pub(crate) fn new(options: Options) -> Driver {
        Driver::configured(options, "")
    }

    /// `settings` are further members of the configuration.
    pub(crate) fn configured(options: Options, settings: &str) -> Driver {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build().unwrap();
        let clock = Clock::fixed(NOW);
        let tenant = runtime.block_on(Tenant::start(options, clock.clone())).unwrap();
        Driver {
            tenant,
            clock,
            store: Store::default(),
            warnings: Vec::new(),
            endings: Vec::new(),
            requests: 0,
            request: SyncRequest::default(),
            settings: settings.to_owned(),
            checkpoint: None,
            waiting: Vec::new(),
            _runtime: runtime,
        }
    }

    fn configure(&mut self) -> Engine<Auth0> {
        let configuration = format!(
            r#"{{"domain":"{}","clientId":"{}","clientSecret":{{"$secret":"S"}}{}}}"#,
            self.tenant.domain(),
            self.tenant.client_id(),
            self.settings
        );
        let secret = self.tenant.client_secret();
        self.waiting.clear();
        let secrets = |name: &str| (name == "S").then(|| secret.clone());
        match Engine::configure(&configuration, &secrets, self.checkpoint.as_deref()) {
            Ok((engine, _)) => engine,
            Err(error) => panic!("{error:?}"),
        }
    }

    fn moment(&self) -> Moment {
        let now = self.clock.now();
        let instant = Instant::from_millis(u64::try_from(now - NOW + 1).unwrap());
        Moment { instant, wall: Timestamp::from_millis(now).unwrap() }
    }

    /// A sync of everything by a new instance; the failure that ended it.
    pub(crate) fn sync(&mut self) -> Option<Failure> {
        self.sync_wanting(SyncRequest::default())
    }

    /// A full sync of everything.
    pub(crate) fn sync_full(&mut self) -> Option<Failure> {
        let full = |name: &str| Want { mode: Mode::Full, ..Want::auto(name) };
        let wants = [USERS, EVENTS, STATS].map(full).to_vec();
        self.sync_wanting(SyncRequest { wants, patience: None })
    }

    fn sync_wanting(&mut self, request: SyncRequest) -> Option<Failure> {
        self.request = request;
        self.endings.clear();
        self.warnings.clear();
        self.requests = 0;
        let mut engine = self.configure();
        for _ in 0..20_000 {
            match self.call(&mut engine) {
                Ok(Step::Done) => return None,
                Ok(step) => self.store(&engine, &step),
                Err(failure) => {
                    self.checkpoint = Some(engine.checkpoint().unwrap());
                    return Some(failure);
                }
            }
        }
        panic!("a sync without end");
    }

    /// So many steps of a sync by a new instance, which is then dropped.
    pub(crate) fn sync_partly(&mut self, steps: usize) {
        self.request = SyncRequest::default();
        let mut engine = self.configure();
        for _ in 0..steps {
            let step = self.call(&mut engine).unwrap();
            self.store(&engine, &step);
        }
    }

    fn call(&mut self, engine: &mut Engine<Auth0>) -> Result<Step, Failure> {
        engine.enter(&self.request, self.moment())?;
        loop {
            let (outgoing, turn) = engine.turn(self.moment());
            self.requests += outgoing.len();
            self.waiting.extend(outgoing);
            match turn {
                Turn::Step(step) => return Ok(step),
                Turn::Failed(failure) => return Err(failure),
                Turn::Await(_) => {
                    let sent = self.waiting.remove(0);
                    let address = self.tenant.url().replace("http://", "");
                    let reply = exchange(&address, &sent);
                    engine.receive(sent.ticket, reply, self.moment());
                }
            }
        }
    }

    fn store(&mut self, engine: &Engine<Auth0>, step: &Step) {
        self.checkpoint = Some(engine.checkpoint().unwrap());
        match step {
            Step::Batches(batches) => {
                for batch in batches {
                    self.store.take(batch);
                    self.warnings.extend(batch.warnings.iter().cloned());
                }
            }
            Step::Ended { resource, ending } => {
                if let (USERS, Ending::Failed(_)) = (resource.as_str(), ending) {
                    self.store.drop_staged();
                }
                self.endings.push((resource.clone(), ending.clone()));
            }
            Step::Wait { milliseconds, .. } => {
                self.clock.advance(Duration::from_millis((*milliseconds).into()));
            }
            _ => {}
        }
    }

    pub(crate) fn days_later(&self, days: u64) {
        self.clock.advance(Duration::from_hours(24 * days));
    }

    /// How the last run of a resource ended: no failure where it is complete.
    pub(crate) fn ending(&self, name: &str) -> Option<(&'static str, FailureKind)> {
        let (_, ending) = self.endings.iter().rev().find(|(of, _)| of == name).unwrap();
        match ending {
            Ending::Complete => None,
            Ending::Failed(failure) => Some(("failed", failure.kind)),
            Ending::Postponed(failure) => Some(("postponed", failure.kind)),
        }
    }

    pub(crate) fn message(&self, name: &str) -> String {
        let ending = self.endings.iter().rev().find(|(of, _)| of == name);
        match ending {
            Some((_, Ending::Failed(failure) | Ending::Postponed(failure))) => {
                failure.message.clone()
            }
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn warned(&self) -> Vec<&str> {
        self.warnings.iter().map(|warning| warning.code).collect()
    }

    /// Whether the users that are stored are the tenant's.
    pub(crate) fn has_all_users(&self) -> bool {
        let state = self.tenant.state();
        let all: Vec<&str> = state.users().map(auth0_tenant::User::id).collect();
        all.len() == self.store.users.len()
            && all.iter().all(|id| self.store.users.contains_key(*id))
    }
}
