//! What it takes to begin.

use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use auth0_tenant::{Clock, Options, Tenant};
use tempfile::TempDir;
use tokio::process::Command;

use crate::bench::outcome::Outcome;
use crate::bench::rows::median;
use crate::bench::table::{Bound, Figure, Row};
use crate::bench::workload;
use crate::clock::{SharedClock, SystemClock};
use crate::component::{Connector, EMBEDDED};
use crate::sandbox::Limits;
use crate::transport::Transport;

const STARTS: usize = 15;
const INSTANCES: usize = 200;

pub(super) async fn rows() -> Outcome<Vec<Row>> {
    // Compiled, and so in the cache from here on.
    let connector = Connector::load(EMBEDDED)?;
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        starts.push(start().await?);
    }
    let mut instances = Vec::new();
    for _ in 0..INSTANCES {
        instances.push(instantiate(&connector).await?);
    }
    Ok(vec![
        Row {
            what: "process start to first request, component cached".to_owned(),
            against: String::new(),
            figure: Figure::Milliseconds(median(starts)),
            wanted: Some(Bound::AtMost(Figure::Milliseconds(30.0))),
        },
        Row {
            what: "instantiate".to_owned(),
            against: String::new(),
            figure: Figure::Milliseconds(median(instances)),
            wanted: Some(Bound::AtMost(Figure::Milliseconds(1.0))),
        },
    ])
}

/// Milliseconds from the start of the command `sync` to the tenant's first
/// request.
async fn start() -> Outcome<f64> {
    let options = Options { users: 10, logs: 10, ..Options::default() };
    let tenant = Tenant::start(options, Clock::system()).await?;
    let directory = TempDir::new()?;
    let settings = workload::settings(&tenant.announcement(), &[], 1.0)?;
    let configuration = directory.path().join("auth0.json");
    std::fs::write(&configuration, &settings.configuration)?;
    let came = Arc::new(Mutex::new(None));
    let seen = came.clone();
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
    let came = *came.lock().unwrap_or_else(PoisonError::into_inner);
    match came {
        Some(came) if status.success() => Ok((came - begun).as_secs_f64() * 1000.0),
        _ => Err(format!("the command ended with {status}").into()),
    }
}

async fn instantiate(connector: &Connector) -> Outcome<f64> {
    let (limits, clock): (_, SharedClock) = (Limits::default(), Arc::new(SystemClock::new()));
    let transport = Transport::nowhere(&limits.http, clock.clone());
    let begun = Instant::now();
    let _instance = connector.instantiate(&limits, transport, clock).await?;
    Ok(begun.elapsed().as_secs_f64() * 1000.0)
}
