//! The processor time and memory that a large tenant costs.

use tempfile::TempDir;

use crate::measured::Measured;
use crate::process::{Serving, measure};
use crate::rows::median;
use crate::table::{Bound, Comparison, Figure};
use crate::workload::{Figures, Way, Workload};

const USERS: &str = "5000";
const LOGS: &str = "100000";
const MANY_LOGS: &str = "1000000";
/// The number of syncs by each, in turn.
const SYNCS: usize = 5;

pub(super) async fn rows() -> Measured<Vec<Comparison>> {
    let serving = Serving::start(&["--users", USERS, "--logs", LOGS]).await?;
    let (mut whole, mut sent) = (Vec::new(), Vec::new());
    let mut last = Figures::default();
    for _ in 0..SYNCS {
        let component = sync(&serving, Way::Component, true).await?;
        let native = sync(&serving, Way::Native, true).await?;
        let requests = sync(&serving, Way::Native, false).await?;
        whole.push(component.cpu.as_secs_f64() / native.cpu.as_secs_f64());
        sent.push(component.cpu.as_secs_f64() / requests.cpu.as_secs_f64());
        last = component;
    }
    drop(serving);
    let more = Serving::start(&["--users", "1000", "--logs", MANY_LOGS]).await?;
    let million = sync(&more, Way::Component, true).await?;
    let held = |figures: &Figures| figures.memory.last().copied().ok_or("memory was not measured");
    let (held, held_more) = (held(&last)?, held(&million)?);
    let early = million.memory.first().ok_or("memory was not measured")?;
    let what = format!("{USERS} users and {LOGS} log rows into SQLite");
    let row = |what: String, against: &str, figure, wanted| Comparison {
        what,
        against: against.to_owned(),
        figure,
        wanted,
    };
    Ok(vec![
        row(
            format!("{what}, no latency: CPU of host and component"),
            "a native program: same client, types and inserts",
            Figure::Times(median(whole)),
            Some(Bound::AtMost(Figure::Times(1.3))),
        ),
        row(
            "the same".to_owned(),
            "the same requests, only sent and parsed, natively",
            Figure::Times(median(sent)),
            None,
        ),
        row(
            "the same: peak memory of the process".to_owned(),
            "",
            Figure::Bytes(held.peak),
            Some(Bound::AtMost(Figure::Bytes(64_000_000))),
        ),
        row(
            format!("{MANY_LOGS} log rows: peak memory of the process"),
            "the same with 100000 rows",
            Figure::Times(held_more.peak as f64 / held.peak as f64),
            Some(Bound::AtMost(Figure::Times(1.1))),
        ),
        row(
            "the same".to_owned(),
            &format!("the same after the first {} rows", early.rows),
            Figure::Times(held_more.peak as f64 / early.peak as f64),
            Some(Bound::AtMost(Figure::Times(1.1))),
        ),
        row(
            "the component's linear memory".to_owned(),
            "",
            Figure::Bytes(held.linear.max(held_more.linear) as u64),
            Some(Bound::AtMost(Figure::Bytes(8_000_000))),
        ),
    ])
}

/// One full sync, into a database of its own or into none.
async fn sync(serving: &Serving, way: Way, stored: bool) -> Measured<Figures> {
    let directory = TempDir::new()?;
    let workload = Workload {
        tenant: serving.tenant().clone(),
        way,
        resources: Vec::new(),
        share: 1.0,
        latest: false,
        database: stored.then(|| directory.path().join("rawdash.sqlite")),
    };
    measure(&workload).await
}
