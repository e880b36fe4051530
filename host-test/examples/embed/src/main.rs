//! A complete host in one file, with a storage of its own, which here only counts
//! records.
//!
//! ```text
//! S=… cargo run -p embed -- auth0.wasm auth0.json
//! ```
//!
//! The environment variable `S` holds the secret that the configuration names `S`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use rawdash_host::async_trait;
use rawdash_host::clock::{SharedClock, SystemClock};
use rawdash_host::component::Connector;
use rawdash_host::contract::{Batch, Mode, Secret, record_count};
use rawdash_host::failure::Exit;
use rawdash_host::run::{Selection, Settings, Sync, SyncOptions};
use rawdash_host::stop::StopSignal;
use rawdash_host::storage::{Changed, Committed, RunEnd, Storage, StorageError};
use time::OffsetDateTime;

/// Counts records. A real storage stores the batches of a commit and the checkpoint
/// in one transaction.
#[derive(Default)]
struct Counted {
    checkpoint: Option<String>,
    records: BTreeMap<String, u64>,
}

#[async_trait]
impl Storage for Counted {
    async fn checkpoint(&mut self) -> Result<Option<String>, StorageError> {
        Ok(self.checkpoint.clone())
    }

    async fn commit(
        &mut self,
        batches: &[Batch],
        checkpoint: &str,
    ) -> Result<Committed, StorageError> {
        let mut committed = Committed::default();
        for batch in batches {
            let written = record_count(&batch.records);
            *self.records.entry(batch.resource.clone()).or_default() += written;
            committed.batches.push(Changed { written, removed: 0 });
        }
        self.checkpoint = Some(checkpoint.to_owned());
        Ok(committed)
    }

    async fn end_run(&mut self, _: &str, _: RunEnd, checkpoint: &str) -> Result<(), StorageError> {
        self.checkpoint = Some(checkpoint.to_owned());
        Ok(())
    }

    async fn complete(
        &mut self,
        _: Mode,
        _: OffsetDateTime,
        checkpoint: &str,
    ) -> Result<(), StorageError> {
        self.checkpoint = Some(checkpoint.to_owned());
        Ok(())
    }
}

/// Syncs with the component in one file and the configuration in another. Further
/// arguments ORIGIN=URL send the requests for an origin to a server on this machine.
async fn sync(arguments: &[String]) -> Result<ExitCode, String> {
    let [component, configuration, routes @ ..] = arguments else {
        return Err("usage: embed COMPONENT CONFIG [ORIGIN=URL]".to_owned());
    };
    let connector =
        Connector::load_file(Path::new(component)).map_err(|error| error.to_string())?;
    let about = connector.describe().await.map_err(|error| error.to_string())?;
    let configuration =
        std::fs::read_to_string(configuration).map_err(|error| error.to_string())?;
    let secret = std::env::var("S").map_err(|error| format!("S: {error}"))?;
    let route = |route: &String| route.parse().map_err(|error| format!("{route}: {error}"));
    let settings = Settings {
        configuration,
        secrets: vec![Secret { name: "S".to_owned(), value: secret }],
        routes: routes.iter().map(route).collect::<Result<_, _>>()?,
        ..Settings::default()
    };
    let request = Selection::default();
    let options = SyncOptions { request, max_wait: Duration::from_secs(300), budget: None };
    let clock: SharedClock = Arc::new(SystemClock::new());
    let sync = Sync {
        connector: &connector,
        about: &about,
        settings: &settings,
        options: &options,
        clock: &clock,
        stop: &StopSignal::new(),
    };
    let mut storage = Counted::default();
    let report = sync.run(&mut storage, &mut ()).await;
    for (resource, records) in &storage.records {
        println!("{resource} {records}");
    }
    if let Some(failure) = &report.failure {
        eprintln!("{}", failure.message);
    }
    Ok(if report.exit() == Exit::Done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

// A multi-threaded runtime lets requests continue while the host stores.
#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    sync(&arguments).await.unwrap_or_else(|message| {
        eprintln!("{message}");
        ExitCode::FAILURE
    })
}
