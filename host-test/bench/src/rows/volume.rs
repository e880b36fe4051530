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
    let million = sync(&more, Way::Component).await?;
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
        self.last = sync(serving, Way::Component).await?;
        let component = self.last.cpu.as_secs_f64();
        let native = sync(serving, Way::Native).await?.cpu.as_secs_f64();
        let storing = sync(serving, Way::Storing).await?.cpu.as_secs_f64();
        let requests = sync(serving, Way::Requests).await?.cpu.as_secs_f64();
        let checking = sync(serving, Way::Checking).await?.cpu.as_secs_f64();
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
        let (to_native, to_storing) = (self.to_native.clone(), self.to_storing.clone());
        let mut rows = vec![
            Comparison::new(what, native, Figure::Times(median(to_native)), at_most(1.25)),
            Comparison::new("the same", storing, Figure::Times(median(to_storing)), None),
        ];
        let parts = [
            "storing",
            "HTTP: the same requests one by one, bodies inflated and dropped",
            "checks of the batches",
            "reading JSON, records, checkpoints, the rest of the native program",
            "the sandbox: the component instead of the native program",
        ];
        for (part, costs) in parts.into_iter().zip(&self.parts) {
            let (part, costs) = (format!("of it, {part}"), Figure::Part(median(costs.clone())));
            rows.push(Comparison::new(part, "the whole", costs, None));
        }
        rows
    }
}

fn memory(held: &Figures, million: &Figures) -> Measured<[Comparison; 4]> {
    let early = million.memory.first().ok_or("memory was not measured")?;
    let last = |figures: &Figures| figures.memory.last().copied().ok_or("memory was not measured");
    let (held, held_more) = (last(held)?, last(million)?);
    let times = |more: u64, fewer: u64| Figure::Times(more as f64 / fewer as f64);
    let linear = held.linear.max(held_more.linear) as u64;
    Ok([
        Comparison::new(
            "the same: peak memory of the process",
            "",
            Figure::Bytes(held.peak),
            Some(Bound::AtMost(Figure::Bytes(64_000_000))),
        ),
        Comparison::new(
            format!("{MANY_LOGS} log rows: peak memory of the process"),
            format!("the same with {LOGS} rows"),
            times(held_more.peak, held.peak),
            at_most(1.1),
        ),
        Comparison::new(
            "the same",
            format!("the same after the first {} rows", early.rows),
            times(held_more.peak, early.peak),
            at_most(1.1),
        ),
        Comparison::new(
            "the component's linear memory",
            "",
            Figure::Bytes(linear),
            Some(Bound::AtMost(Figure::Bytes(8_000_000))),
        ),
    ])
}

/// At most so many times the baseline.
fn at_most(times: f64) -> Option<Bound> {
    Some(Bound::AtMost(Figure::Times(times)))
}

/// One full sync. What stores rows does so in a database of its own.
async fn sync(serving: &Serving, way: Way) -> Measured<Figures> {
    let directory = TempDir::new()?;
    let stores = matches!(way, Way::Component | Way::Native | Way::Storing);
    let database = stores.then(|| directory.path().join("rawdash.sqlite"));
    let tenant = serving.tenant().clone();
    measure(&Work::Sync(Workload { way, database, ..Workload::of(tenant) })).await
}
