//! The time to start.

use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use auth0_tenant::{Clock, Options, Tenant};
use tempfile::TempDir;
use tokio::process::Command;

use crate::measured::Measured;
use crate::rows::median;
use crate::table::{Bound, Comparison, Figure};
use crate::workload;
use rawdash_host::clock::{SharedClock, SystemClock};
use rawdash_host::component::Connector;
use rawdash_host::sandbox::Limits;
use rawdash_host::transport::Transport;

const STARTS: usize = 15;
const INSTANCES: usize = 200;

pub(super) async fn rows(component: &[u8]) -> Measured<Vec<Comparison>> {
    // Compiles the component, so that it is in the cache from here on.
    let connector = Connector::load(component)?;
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        starts.push(start().await?);
    }
    let mut instances = Vec::new();
    for _ in 0..INSTANCES {
        instances.push(instantiate(&connector).await?);
    }
    Ok(vec![
        Comparison::new(
            "process start to first request, component cached",
            "",
            Figure::Milliseconds(median(starts)),
            Some(Bound::AtMost(Figure::Milliseconds(10.0))),
        ),
        Comparison::new(
            "instantiate",
            "",
            Figure::Milliseconds(median(instances)),
            Some(Bound::AtMost(Figure::Milliseconds(0.05))),
        ),
    ])
}

/// Milliseconds from the start of the command `sync` to the tenant's first
/// request.
async fn start() -> Measured<f64> {
    let options = Options { users: 10, logs: 10, ..Options::default() };
    let tenant = Tenant::start(options, Clock::system()).await?;
    let directory = TempDir::new()?;
    let settings = workload::settings(&tenant.announcement(), &[], 1.0)?;
    let configuration = directory.path().join("auth0.json");
    std::fs::write(&configuration, &settings.configuration)?;
    let arrived = Arc::new(Mutex::new(None));
    let seen = arrived.clone();
    tenant.state().at_request(1, move |_| {
        *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    });
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("sync").arg("--config").arg(configuration);
    command.arg("--db").arg(directory.path().join("rawdash.sqlite"));
    command.arg("--route").arg(format!("https://{{/domain}}={}", tenant.url()));
    command.env("SECRET", tenant.client_secret());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    let status = command.status().await?;
    let arrived = *arrived.lock().unwrap_or_else(PoisonError::into_inner);
    match arrived {
        Some(arrived) if status.success() => Ok((arrived - begun).as_secs_f64() * 1000.0),
        _ => Err(format!("the command ended with {status}").into()),
    }
}

async fn instantiate(connector: &Connector) -> Measured<f64> {
    let (limits, clock): (_, SharedClock) = (Limits::default(), Arc::new(SystemClock::new()));
    let transport = Transport::nowhere(&limits.http, clock.clone());
    let begun = Instant::now();
    let _instance = connector.instantiate(&limits, transport, clock).await?;
    Ok(begun.elapsed().as_secs_f64() * 1000.0)
}
