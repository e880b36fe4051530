//! A whole sync beside a client for Node that stores nothing.

use tempfile::TempDir;

use crate::measured::Measured;
use crate::node;
use crate::process::{Serving, measure};
use crate::rows::median;
use crate::table::{Bound, Comparison, Figure};
use crate::work::Work;
use crate::workload::Workload;

const USERS: u64 = 1_000;
const LOGS: u64 = 30_000;
/// The number of syncs by each, in turn.
const SYNCS: usize = 5;

pub(super) async fn rows() -> Measured<Vec<Comparison>> {
    let (users, logs) = (USERS.to_string(), LOGS.to_string());
    let serving = Serving::start(&["--users", &users, "--logs", &logs]).await?;
    let mut ratios = Vec::new();
    for _ in 0..SYNCS {
        let Some(read) = node::read(serving.tenant()).await? else { break };
        if read.rows != USERS + LOGS {
            return Err(format!("the client for Node read {} rows", read.rows).into());
        }
        ratios.push(cpu(&serving).await? / read.cpu().as_secs_f64());
    }
    let figure = match ratios.is_empty() {
        true => Figure::Unmeasured("no node"),
        false => Figure::Times(median(ratios)),
    };
    Ok(vec![Comparison::new(
        format!("{USERS} users and {LOGS} log rows into SQLite: CPU"),
        "a bare Node client that sends, parses and stores nothing",
        figure,
        Some(Bound::AtMost(Figure::Times(0.5))),
    )])
}

/// Seconds of processor time of a full sync.
async fn cpu(serving: &Serving) -> Measured<f64> {
    let directory = TempDir::new()?;
    let workload = Workload {
        resources: vec!["users".to_owned(), "login_events".to_owned()],
        database: Some(directory.path().join("rawdash.sqlite")),
        ..Workload::of(serving.tenant().clone())
    };
    Ok(measure(&Work::Sync(workload)).await?.cpu.as_secs_f64())
}
