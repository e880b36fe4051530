//! The server that the engine connects to.

use std::sync::Arc;

use rawdash_host::clock::{SharedClock, SystemClock};
use rawdash_host::component::Connector;
use rawdash_host::failure::Exit;
use rawdash_host::stop::StopSignal;
use rawdash_host_cli::early_end::EarlyEnd;
use rawdash_host_cli::input::secrets;
use rawdash_host_cli::process::signals::Signals;
use restate_sdk::endpoint::Endpoint;
use restate_sdk::http_server::HttpServer;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::arguments::Arguments;
use crate::secrets::SecretFiles;
use crate::service::Tenant;
use crate::slice::Slicer;
use crate::store::{Access, Store};
use crate::tenants::Tenants;

/// The variable with the token of a libSQL server.
const TOKEN: &str = "RAWDASH_DB_TOKEN";

/// Serves until a signal stops it; then every slice ends after its step.
///
/// # Errors
/// When it cannot begin.
pub(crate) async fn run(arguments: Arguments) -> Result<(), EarlyEnd> {
    let stop = stop_signal();
    let (listen, key) = (arguments.listen, arguments.identity_key.clone());
    let slicer = slicer(arguments, stop.clone()).await?;
    let definition = Tenant(Arc::new(slicer)).definition();
    let mut endpoint = Endpoint::builder().bind(definition);
    if let Some(key) = key {
        endpoint = endpoint.identity_key(&key).map_err(|error| {
            EarlyEnd::Usage(format!("--identity-key {key:?} is not a key of Restate: {error}"))
        })?;
    }
    let listener = TcpListener::bind(listen).await.map_err(|error| {
        EarlyEnd::Usage(format!("{listen} cannot be listened on ({error}): choose another address"))
    })?;
    if let Ok(address) = listener.local_addr() {
        eprintln!("serving RawdashTenant on {address}");
    }
    HttpServer::new(endpoint.build()).serve_with_cancel(listener, stop.raised()).await;
    Ok(())
}

/// Raised by the first of the process's signals; the second ends the process. No step is
/// stored in part in either case.
fn stop_signal() -> StopSignal {
    let stop = StopSignal::new();
    let raised = stop.clone();
    let mut signals = Signals::listen();
    tokio::spawn(async move {
        signals.next().await;
        raised.raise();
        eprintln!("ending every slice after its step");
        signals.next().await;
        std::process::exit(Exit::Later.code().into());
    });
    stop
}

async fn slicer(arguments: Arguments, stop: StopSignal) -> Result<Slicer, EarlyEnd> {
    let connector = match &arguments.component {
        Some(path) => Connector::load_file(path)?,
        None => Connector::load(rawdash_host_cli::EMBEDDED)?,
    };
    let about = connector.describe().await?;
    let mut network = arguments.network.network()?;
    // Once for all tenants.
    network.roots = network.roots.read().map_err(EarlyEnd::configuration)?;
    let files = SecretFiles(arguments.secrets);
    let token = secrets::optional(TOKEN, &files).map_err(EarlyEnd::configuration)?;
    let insecure = arguments.insecure_db;
    let access = Arc::new(Access { token, insecure, network: network.clone() });
    let clock: SharedClock = Arc::new(SystemClock::new());
    Ok(Slicer {
        connector,
        about,
        tenants: Tenants::open(arguments.tenants, &access)?,
        secrets: files,
        store: Store::new(arguments.db, arguments.name, access)?,
        routes: arguments.network.routes.clone(),
        network,
        budget: arguments.slice,
        turns: Arc::new(Semaphore::new(usize::from(arguments.concurrency))),
        clock,
        stop,
    })
}
