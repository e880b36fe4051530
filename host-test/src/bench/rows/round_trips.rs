//! What is added to the round trips that cannot be avoided.

use tempfile::TempDir;

use crate::bench::chain;
use crate::bench::outcome::Outcome;
use crate::bench::process::{Serving, measure};
use crate::bench::table::{Bound, Figure, Row};
use crate::bench::workload::{Way, Workload};

const LOGS: &str = "100000";
const ROUND_TRIPS: u32 = 1000;
const LATENCY: &str = "20ms";

pub(super) async fn rows() -> Outcome<Vec<Row>> {
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
    let synced = measure(&workload).await?;
    Ok(vec![Row {
        what: format!("{LOGS} log rows at {LATENCY} latency: wall"),
        against: format!("{ROUND_TRIPS} round trips in a chain"),
        figure: Figure::Times(synced.wall.as_secs_f64() / chained.as_secs_f64()),
        wanted: Some(Bound::AtMost(Figure::Times(1.1))),
    }])
}
