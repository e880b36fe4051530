//! One trial: all parts are started, every tenant is synced once while parts are killed,
//! and every row is compared.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tokio::task::{JoinError, JoinSet};

use crate::balancer::{self, Slot};
use crate::engine::{Calls, Engine};
use crate::figures::{Figures, Killed};
use crate::kills::{Kill, Victim};
use crate::programs::Programs;
use crate::reference::Reference;
use crate::source::{self, Source};
use crate::store::{CONNECTOR, Store};
use crate::workers::{Start, Workers};
use crate::{rows, usage::Usage};

/// How often the progress is looked at.
const TICK: Duration = Duration::from_millis(10);

/// The key of the one sync of each tenant.
const KEY: &str = "trial";

/// Everything that runs in a trial.
struct Parts {
    engine: Engine,
    store: Store,
    workers: Workers,
    _directory: TempDir,
}

/// Runs a trial with so many workers and these kills.
///
/// # Errors
/// When a part cannot be started, or a sync does not complete.
pub async fn run(
    programs: &Programs,
    source: &Source,
    reference: &Reference,
    (workers, pace): (usize, Pace),
    kills: &[Kill],
) -> Result<Figures, String> {
    let mut parts = Parts::start(programs, source, workers, pace)
        .await
        .map_err(|error| format!("a part cannot be started: {error}"))?;
    eprintln!("syncing with {workers} workers and {} kills", kills.len());
    source.forget();
    let begun = Instant::now();
    let mut syncs = begin(source, &parts.engine.calls());
    let killed = parts.kill(source, kills, &mut syncs).await?;
    parts.wait(&mut syncs, || false).await?;
    let wall = begun.elapsed();
    let received = source.received();
    let compared = parts.compare(source, reference).await;
    let (compared, differing) = compared.map_err(|error| error.to_string())?;
    Ok(Figures {
        tenants: reference.len(),
        workers,
        killed,
        wall,
        compared,
        differing,
        requests: received.requests,
        refused: received.refused,
        usage: parts.usage(),
    })
}

/// A tenant, and what its sync led to.
type Ended = (String, io::Result<Value>);

fn begin(source: &Source, calls: &Calls) -> JoinSet<Ended> {
    let mut syncs = JoinSet::new();
    for (tenant, _) in source.tenants() {
        let calls = calls.clone();
        syncs.spawn(async move {
            let outcome = calls.sync(&tenant, KEY).await;
            (tenant, outcome)
        });
    }
    syncs
}

/// # Errors
/// When the sync of the tenant ended without everything that there is.
fn complete(ended: Result<Ended, JoinError>) -> Result<(), String> {
    let (tenant, outcome) = ended.map_err(|error| error.to_string())?;
    let outcome = outcome.map_err(|error| format!("{tenant} cannot be synced: {error}"))?;
    match outcome.pointer("/end/kind").and_then(Value::as_str) {
        Some("done") => Ok(()),
        _ => Err(format!("the sync of {tenant} did not complete: {outcome}")),
    }
}

impl Parts {
    async fn start(
        programs: &Programs,
        source: &Source,
        workers: usize,
        pace: Pace,
    ) -> io::Result<Parts> {
        let directory = tempfile::tempdir()?;
        let own = |name: &str| {
            let path = directory.path().join(name);
            std::fs::create_dir(&path).map(|()| path)
        };
        let names: Vec<String> = source.tenants().map(|(name, _)| name).collect();
        let store = Store::start(&programs.store, &own("store")?, &names).await?;
        let tenants = own("tenants")?;
        source.write_configurations(&tenants)?;
        let slots: Arc<[Slot]> = (0..workers).map(|_| Slot::default()).collect();
        let start = start(std::env::current_exe()?, source, &tenants, &store.place(), pace);
        let mut workers = Workers::start(start, slots.clone())?;
        workers.serving().await?;
        let balancer = balancer::start(slots).await?;
        let mut engine = Engine::start(&programs.engine, &own("engine")?)?;
        engine.register(balancer).await?;
        Ok(Parts { engine, store, workers, _directory: directory })
    }

    /// Kills each victim once the tenants have received its number of requests.
    ///
    /// # Errors
    /// When a victim cannot be started again, or a sync does not complete.
    async fn kill(
        &mut self,
        source: &Source,
        kills: &[Kill],
        syncs: &mut JoinSet<Ended>,
    ) -> Result<Killed, String> {
        let mut killed = Killed::default();
        for kill in kills {
            self.wait(syncs, || source.received().requests >= kill.requests).await?;
            if syncs.is_empty() {
                break;
            }
            let (count, ended) = match kill.victim {
                Victim::Worker(number) => (&mut killed.workers, self.workers.kill(number).await),
                Victim::Engine => (&mut killed.engine, self.engine.process().kill().await),
                Victim::Store => (&mut killed.store, self.store.process().kill().await),
            };
            ended.map_err(|error| format!("{:?} cannot be started again: {error}", kill.victim))?;
            *count += 1;
        }
        Ok(killed)
    }

    /// Returns once that is so, or every sync is complete.
    ///
    /// # Errors
    /// When a sync does not complete, or cannot, because a part has ended by itself.
    async fn wait(
        &mut self,
        syncs: &mut JoinSet<Ended>,
        is_so: impl Fn() -> bool,
    ) -> Result<(), String> {
        loop {
            while let Some(ended) = syncs.try_join_next() {
                complete(ended)?;
            }
            if syncs.is_empty() || is_so() {
                return Ok(());
            }
            self.check().map_err(|error| error.to_string())?;
            tokio::time::sleep(TICK).await;
        }
    }

    fn check(&mut self) -> io::Result<()> {
        self.engine.process().check()?;
        self.store.process().check()?;
        self.workers.check()
    }

    /// How many rows were compared, and how many differ.
    async fn compare(&self, source: &Source, reference: &Reference) -> io::Result<(usize, usize)> {
        let (mut compared, mut differing) = (0, 0);
        for ((tenant, _), expected) in source.tenants().zip(reference) {
            let rows = self.store.rows(&tenant).await?;
            let differ = rows::differ(expected, &rows);
            if differ > 0 {
                eprintln!("{tenant}: {differ} rows differ");
            }
            compared += expected.len();
            differing += differ;
        }
        Ok((compared, differing))
    }

    fn usage(&self) -> Usage {
        self.workers.usage()
    }
}

/// How workers work.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How long a slice lasts.
    pub slice: &'static str,
    /// How many syncs each runs at once.
    pub concurrency: u16,
}

/// How workers are started.
pub fn start(program: PathBuf, source: &Source, tenants: &Path, place: &str, pace: Pace) -> Start {
    let mut arguments: Vec<OsString> = vec!["--tenants".into(), tenants.into()];
    let concurrency = pace.concurrency.to_string();
    let options = [
        ("--db", place),
        ("--name", CONNECTOR),
        ("--slice", pace.slice),
        ("--concurrency", &concurrency),
        ("--listen", "127.0.0.1:0"),
    ];
    for (option, value) in options {
        arguments.extend([option.into(), value.into()]);
    }
    arguments.push("--no-proxy".into());
    for (_, tenant) in source.tenants() {
        arguments.extend(["--route".into(), source::route(tenant).into()]);
    }
    Start { program, arguments, environment: source.secrets() }
}
