//! The cost of a run without changes.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::measured::Measured;
use crate::process::{Serving, measure};
use crate::rows::median;
use crate::table::{Bound, Comparison, Figure};
use crate::work::Work;
use crate::workload::{Figures, Workload};
use rawdash_host::contract::{Batch, Effect, Event, Progress, Records};
use rawdash_sqlite::Database;

const MANY: usize = 1_000_000;
/// Events of one commit.
const TOGETHER: usize = 10_000;
/// Syncs of each database, in turn.
const SYNCS: usize = 15;

pub(super) async fn rows() -> Measured<Vec<Comparison>> {
    let serving = Serving::start(&["--users", "100", "--logs", "1000"]).await?;
    let directory = TempDir::new()?;
    let [empty, full] = ["empty", "full"].map(|name| directory.path().join(name));
    for (database, events) in [(&empty, 0), (&full, MANY)] {
        sync(&serving, database.clone(), false).await?;
        fill(database, events)?;
        // A second run, for anything that the first one leaves to it.
        sync(&serving, database.clone(), true).await?;
    }
    let (mut cpu, mut wall) = (Vec::new(), Vec::new());
    for _ in 0..SYNCS {
        let with_many = sync(&serving, full.clone(), true).await?;
        let with_none = sync(&serving, empty.clone(), true).await?;
        cpu.push(with_many.cpu.as_secs_f64() / with_none.cpu.as_secs_f64());
        wall.push(with_many.wall.as_secs_f64() / with_none.wall.as_secs_f64());
    }
    let file = format!("a database of {MANY} events: its file");
    let size = Figure::Bytes(std::fs::metadata(&full)?.len());
    let bound = Some(Bound::AtMost(Figure::Times(1.2)));
    Ok(vec![
        Comparison::new(file, "", size, None),
        Comparison::new(
            "a sync that finds nothing new for it: CPU",
            "the same without these events",
            Figure::Times(median(cpu)),
            bound,
        ),
        Comparison::new("the same: wall", "the same", Figure::Times(median(wall)), bound),
    ])
}

async fn sync(serving: &Serving, database: PathBuf, latest: bool) -> Measured<Figures> {
    let tenant = serving.tenant().clone();
    let workload = Workload { latest, database: Some(database), ..Workload::of(tenant) };
    measure(&Work::Sync(workload)).await
}

/// Stores this many more events, with times long ago.
fn fill(database: &Path, events: usize) -> Measured<()> {
    let mut database = Database::open(database, "auth0")?;
    let checkpoint = database.checkpoint()?.ok_or("no checkpoint was stored")?;
    let event = |number: usize| Event {
        id: format!("90020200101{number:045}"),
        start: 1_577_836_800_000 + number as i64,
        end: None,
        attributes: format!(r#"{{"logId":"{number}","type":"s","userId":"auth0|{number}"}}"#),
    };
    for first in (0..events).step_by(TOGETHER) {
        let rows = (first..events.min(first + TOGETHER)).map(event).collect();
        let batch = Batch {
            resource: "auth0_login_event".to_owned(),
            records: Records::Events(rows),
            effect: Effect::Merge,
            progress: Progress { pages: 1, records: 0, expected: None },
            warnings: Vec::new(),
        };
        database.commit(&[batch], &checkpoint)?;
    }
    Ok(())
}
