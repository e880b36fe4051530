//! Syncs of many tenants in one process, each waiting for its rate limit.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use auth0_tenant::Announcement;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use super::measured::Measured;
use super::pages::NOW;
use super::usage::Memory;
use super::workload::{self, Figures};
use rawdash_host::clock::{DrivenClock, SharedClock};
use rawdash_host::component::Connector;
use rawdash_host::contract::Mode;
use rawdash_host::failure::FailureReport;
use rawdash_host::run::{RunObserver, Settings};
use rawdash_sqlite::Database;

/// One sync of each tenant, up to its first wait, which does not end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Waiting {
    /// The tenants. They have the time of [`pages`](super::pages), and limits so low that
    /// each sync waits.
    pub tenants: Vec<Announcement>,
    /// Where each sync has its database.
    pub directory: PathBuf,
}

impl Waiting {
    /// Starts the syncs, and returns the memory of the process once all wait.
    ///
    /// # Errors
    /// When a sync ends.
    pub async fn run(&self, component: &[u8]) -> Measured<Figures> {
        let connector = Connector::load(component)?;
        let (waits, mut waiting) = unbounded_channel();
        let mut syncs = JoinSet::new();
        for (number, tenant) in self.tenants.iter().enumerate() {
            let settings = workload::settings(tenant, &[], 1.0)?;
            let database = self.directory.join(number.to_string());
            let (connector, waits) = (connector.clone(), waits.clone());
            syncs.spawn(async move { sync(&connector, &settings, &database, waits).await });
            // One after the other: what matters is what a sync holds while it waits,
            // not what a hundred need at the same moment.
            tokio::select! {
                _ = waiting.recv() => {}
                Some(ended) = syncs.join_next() => return Err(ended??.into()),
            }
        }
        let memory = vec![Memory::look(0, 0)?];
        Ok(Figures { memory, ..Figures::default() })
    }
}

/// Syncs until it waits for ever; returns what happened instead.
async fn sync(
    connector: &Connector,
    settings: &Settings,
    database: &Path,
    waits: UnboundedSender<()>,
) -> Measured<String> {
    let mut storage = Database::open(database, "auth0")?;
    // Nothing drives it.
    let clock: SharedClock = Arc::new(DrivenClock::new(OffsetDateTime::from_unix_timestamp(NOW)?));
    let (mode, observer) = (Mode::Full, &mut Waits(waits));
    let report = workload::sync(connector, settings, mode, clock, &mut storage, observer).await?;
    Ok(format!("a sync ended instead of waiting: {report:?}"))
}

/// Reports that a sync waits.
struct Waits(UnboundedSender<()>);

impl RunObserver for Waits {
    fn waiting(&mut self, _: Duration, _: Option<&FailureReport>) {
        // Nobody listens once all wait.
        let _ = self.0.send(());
    }
}
