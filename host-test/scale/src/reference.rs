//! A sync on one machine into SQLite, without an engine: what the trials are compared
//! with.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rawdash_host::clock::{SharedClock, SystemClock};
use rawdash_host::component::Connector;
use rawdash_host::contract::{About, Secret};
use rawdash_host::failure::Exit;
use rawdash_host::run::{Selection, Settings, Sync, SyncOptions};
use rawdash_host::stop::StopSignal;
use rawdash_sqlite::Database;
use rusqlite::Connection;
use tokio::task::JoinSet;

use crate::rows;
use crate::source::{self, Source};
use crate::store::CONNECTOR;

/// The longest wait for a rate limit.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// The rows of each tenant, in the order of the tenants.
pub type Reference = Vec<Vec<String>>;

/// Syncs every tenant.
///
/// # Errors
/// When a sync does not complete.
pub async fn sync(source: &Source) -> Result<Reference, String> {
    let connector =
        Connector::load(rawdash_host_cli::EMBEDDED).map_err(|error| error.to_string())?;
    let about = connector.describe().await.map_err(|error| error.to_string())?;
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut syncs = JoinSet::new();
    for (name, tenant) in source.tenants() {
        let path = directory.path().join(format!("{name}.sqlite"));
        let settings = Settings {
            configuration: source::configuration(&name, tenant).to_string(),
            secrets: vec![Secret {
                name: source::secret_name(&name),
                value: tenant.client_secret(),
            }],
            routes: vec![source::route(tenant).parse().map_err(|error| format!("{error}"))?],
            ..Settings::default()
        };
        let (connector, about) = (connector.clone(), about.clone());
        syncs.spawn(async move { (name, one(&connector, &about, &settings, &path).await) });
    }
    let mut reference = Vec::new();
    while let Some(synced) = syncs.join_next().await {
        let (name, rows) = synced.map_err(|error| error.to_string())?;
        reference.push((name, rows?));
    }
    let position = |name: &str| source.tenants().position(|(other, _)| other == name);
    reference.sort_by_key(|(name, _)| position(name));
    Ok(reference.into_iter().map(|(_, rows)| rows).collect())
}

async fn one(
    connector: &Connector,
    about: &About,
    settings: &Settings,
    path: &Path,
) -> Result<Vec<String>, String> {
    let mut database = Database::open(path, CONNECTOR).map_err(|error| error.to_string())?;
    let options =
        SyncOptions { request: Selection::default(), max_wait: LONGEST_WAIT, budget: None };
    let clock: SharedClock = Arc::new(SystemClock::new());
    let stop = StopSignal::new();
    let sync = Sync { connector, about, settings, options: &options, clock: &clock, stop: &stop };
    let report = sync.run(&mut database, &mut ()).await;
    if report.exit() != Exit::Done {
        return Err(format!("the sync on one machine did not complete: {report:?}"));
    }
    read(path).map_err(|error| error.to_string())
}

/// The rows of the tenant in a file.
///
/// # Errors
/// When it cannot be read.
pub fn read(path: &Path) -> rusqlite::Result<Vec<String>> {
    let connection = Connection::open(path)?;
    let mut statement = connection.prepare(rows::SELECT)?;
    statement.query_map([CONNECTOR], |row| row.get(0))?.collect()
}
