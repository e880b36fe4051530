//! `bench`: the table of figures, each with its bound or baseline.

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
    let ended = if arguments.workload { work().await } else { measure(arguments).await };
    match ended {
        Ok(()) => Exit::Done,
        Err(error) => {
            let message = format!("cannot measure on this machine: {error}");
            ended_early(&FailureReport::new(HostKind::Measurement, message).into())
        }
    }
}

async fn work() -> Measured<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let work: Work = serde_json::from_str(&text)?;
    terminal::show(&serde_json::to_string(&work.run(crate::EMBEDDED).await?)?);
    Ok(())
}

async fn measure(arguments: &BenchArguments) -> Measured<()> {
    let named: Vec<&str> = arguments.groups.iter().map(String::as_str).collect();
    let groups = if named.is_empty() { GROUPS.to_vec() } else { named };
    terminal::show(Comparison::HEADING);
    for group in groups {
        for row in rows::measure(group, crate::EMBEDDED).await? {
            terminal::show(&row.to_string());
        }
    }
    Ok(())
}
