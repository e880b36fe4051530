//! The time on top of unavoidable round trips.

use tempfile::TempDir;

use crate::chain;
use crate::measured::Measured;
use crate::process::{Serving, measure};
use crate::table::{Bound, Comparison, Figure};
use crate::work::Work;
use crate::workload::Workload;

const LOGS: &str = "100000";
const ROUND_TRIPS: u32 = 1000;
const LATENCY: &str = "20ms";

pub(super) async fn rows() -> Measured<Vec<Comparison>> {
    let serving =
        Serving::start(&["--users", "1000", "--logs", LOGS, "--latency", LATENCY]).await?;
    let chained = chain::of(serving.tenant(), ROUND_TRIPS).await?;
    let directory = TempDir::new()?;
    let workload = Workload {
        resources: vec!["login_events".to_owned()],
        database: Some(directory.path().join("rawdash.sqlite")),
        ..Workload::of(serving.tenant().clone())
    };
    let synced = measure(&Work::Sync(workload)).await?;
    Ok(vec![Comparison::new(
        format!("{LOGS} log rows at {LATENCY} latency: wall"),
        format!("{ROUND_TRIPS} round trips in a chain"),
        Figure::Times(synced.wall.as_secs_f64() / chained.as_secs_f64()),
        Some(Bound::AtMost(Figure::Times(1.05))),
    )])
}
