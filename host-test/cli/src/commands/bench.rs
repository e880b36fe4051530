//! `bench`: the table of figures, each with its bound or baseline.

use std::error::Error;
use std::io::Read;

use crate::arguments::BenchArguments;
use crate::ended_early;
use crate::output::terminal;
use rawdash_bench::measured::Measured;
use rawdash_bench::rows::{self, GROUPS};
use rawdash_bench::table::Comparison;
use rawdash_bench::work::Work;
use rawdash_host::failure::{Exit, FailureReport, HostKind};

/// Runs the command.
pub(crate) async fn run(arguments: &BenchArguments) -> Exit {
    let ended = if arguments.workload { run_workload().await } else { measure(arguments).await };
    match ended {
        Ok(()) => Exit::Done,
        Err(failure) => ended_early(&failure.into()),
    }
}

async fn run_workload() -> Result<(), FailureReport> {
    terminal::show(&figures().await.map_err(|error| unmeasured(&*error))?)
}

/// The figures of the workload on standard input.
async fn figures() -> Measured<String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let work: Work = serde_json::from_str(&text)?;
    Ok(serde_json::to_string(&work.run(crate::EMBEDDED).await?)?)
}

async fn measure(arguments: &BenchArguments) -> Result<(), FailureReport> {
    let named: Vec<&str> = arguments.groups.iter().map(String::as_str).collect();
    let groups = if named.is_empty() { GROUPS.to_vec() } else { named };
    terminal::show(Comparison::HEADING)?;
    for group in groups {
        let rows = rows::measure(group, crate::EMBEDDED).await;
        for row in rows.map_err(|error| unmeasured(&*error))? {
            terminal::show(&row.to_string())?;
        }
    }
    Ok(())
}

fn unmeasured(error: &dyn Error) -> FailureReport {
    let message = format!("cannot measure on this machine: {error}");
    FailureReport::new(HostKind::Measurement, message)
}
