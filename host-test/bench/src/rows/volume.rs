//! The processor time and memory that a large tenant costs.

use tempfile::TempDir;

use crate::measured::Measured;
use crate::process::{Serving, measure};
use crate::rows::median;
use crate::table::{Bound, Comparison, Figure};
use crate::work::Work;
use crate::workload::{Figures, Way, Workload};

const USERS: &str = "5000";
const LOGS: &str = "100000";
const MANY_LOGS: &str = "1000000";
/// The number of syncs by each, in turn.
const SYNCS: usize = 5;

pub(super) async fn rows() -> Measured<Vec<Comparison>> {
    let serving = Serving::start(&["--users", USERS, "--logs", LOGS]).await?;
    let mut costs = Costs::default();
    for _ in 0..SYNCS {
        costs.measure(&serving).await?;
    }
    drop(serving);
    let more = Serving::start(&["--users", "1000", "--logs", MANY_LOGS]).await?;
    let million = sync(&more, Way::Component, true).await?;
    let mut rows = costs.rows();
    rows.extend(memory(&costs.last, &million)?);
    Ok(rows)
}

/// What a sync costs, and its parts, as ratios.
#[derive(Default)]
struct Costs {
    to_native: Vec<f64>,
    to_storing: Vec<f64>,
    parts: [Vec<f64>; 5],
    last: Figures,
}

impl Costs {
    async fn measure(&mut self, serving: &Serving) -> Measured<()> {
        self.last = sync(serving, Way::Component, true).await?;
        let component = self.last.cpu.as_secs_f64();
        let native = sync(serving, Way::Native, true).await?.cpu.as_secs_f64();
        let storing = sync(serving, Way::Storing, true).await?.cpu.as_secs_f64();
        let requests = sync(serving, Way::Requests, false).await?.cpu.as_secs_f64();
        let checking = sync(serving, Way::Checking, false).await?.cpu.as_secs_f64();
        self.to_native.push(component / native);
        self.to_storing.push(component / storing);
        let sandbox = component - native;
        let rest = native - storing - requests - checking;
        for (part, costs) in self.parts.iter_mut().zip([storing, requests, checking, rest, sandbox])
        {
            part.push(costs / component);
        }
        Ok(())
    }

    fn rows(&self) -> Vec<Comparison> {
        let what = format!("{USERS} users and {LOGS} log rows into SQLite, no latency: CPU");
        let native = "a native program: same client, types and inserts";
        let storing = "storing the same rows and checkpoints in the same transactions, alone";
        let mut rows = vec![
            row(&what, native, Figure::Times(median(self.to_native.clone())), Some(1.25)),
            row("the same", storing, Figure::Times(median(self.to_storing.clone())), None),
        ];
        let parts = [
            "storing",
            "HTTP: the same requests one by one, bodies inflated and dropped",
            "checks of the batches",
            "reading JSON, records, checkpoints, the rest of the native program",
            "the sandbox: the component instead of the native program",
        ];
        for (part, costs) in parts.into_iter().zip(&self.parts) {
            let part = format!("of it, {part}");
            rows.push(row(&part, "the whole", Figure::Part(median(costs.clone())), None));
        }
        rows
    }
}

fn memory(held: &Figures, million: &Figures) -> Measured<[Comparison; 4]> {
    let early = million.memory.first().ok_or("memory was not measured")?;
    let last = |figures: &Figures| figures.memory.last().copied().ok_or("memory was not measured");
    let (held, held_more) = (last(held)?, last(million)?);
    let bytes = |what: &str, bytes, bound| Comparison {
        what: what.to_owned(),
        against: String::new(),
        figure: Figure::Bytes(bytes),
        wanted: Some(Bound::AtMost(Figure::Bytes(bound))),
    };
    let times = |more: u64, fewer: u64| Figure::Times(more as f64 / fewer as f64);
    let earlier = format!("the same after the first {} rows", early.rows);
    Ok([
        bytes("the same: peak memory of the process", held.peak, 64_000_000),
        row(
            &format!("{MANY_LOGS} log rows: peak memory of the process"),
            &format!("the same with {LOGS} rows"),
            times(held_more.peak, held.peak),
            Some(1.1),
        ),
        row("the same", &earlier, times(held_more.peak, early.peak), Some(1.1)),
        bytes("the component's linear memory", held.linear.max(held_more.linear) as u64, 8_000_000),
    ])
}

/// With a bound, a row may be so many times its baseline.
fn row(what: &str, against: &str, figure: Figure, wanted: Option<f64>) -> Comparison {
    let wanted = wanted.map(|times| Bound::AtMost(Figure::Times(times)));
    Comparison { what: what.to_owned(), against: against.to_owned(), figure, wanted }
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
    measure(&Work::Sync(workload)).await
}
