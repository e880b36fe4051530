//! The time on top of unavoidable round trips.

use tempfile::TempDir;

use crate::chain;
use crate::measured::Measured;
use crate::process::{Serving, measure};
use crate::table::{Bound, Comparison, Figure};
use crate::work::Work;
use crate::workload::{Way, Workload};

const LOGS: &str = "100000";
const ROUND_TRIPS: u32 = 1000;
const LATENCY: &str = "20ms";

pub(super) async fn rows() -> Measured<Vec<Comparison>> {
    let serving =
        Serving::start(&["--users", "1000", "--logs", LOGS, "--latency", LATENCY]).await?;
    let chained = chain::of(serving.tenant(), ROUND_TRIPS).await?;
    let directory = TempDir::new()?;
    let workload = Workload {
        tenant: serving.tenant().clone(),
        way: Way::Component,
        resources: vec!["login_events".to_owned()],
        share: 1.0,
        latest: false,
        database: Some(directory.path().join("rawdash.sqlite")),
    };
    let synced = measure(&Work::Sync(workload)).await?;
    Ok(vec![Comparison {
        what: format!("{LOGS} log rows at {LATENCY} latency: wall"),
        against: format!("{ROUND_TRIPS} round trips in a chain"),
        figure: Figure::Times(synced.wall.as_secs_f64() / chained.as_secs_f64()),
        wanted: Some(Bound::AtMost(Figure::Times(1.05))),
    }])
}
