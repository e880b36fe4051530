//! `bench`: the table of figures, each against its bound or rival.

use std::io::Read;

use super::arguments::BenchArguments;
use super::{terminal, told};
use crate::bench::outcome::Outcome as Measured;
use crate::bench::rows::{self, GROUPS};
use crate::bench::table::Row;
use crate::bench::workload::Workload;
use crate::report::{FailureReport, Outcome};

/// Runs the command.
pub(super) async fn run(arguments: &BenchArguments) -> Outcome {
    let ended = if arguments.workload { work().await } else { measure(arguments).await };
    match ended {
        Ok(()) => Outcome::Done,
        Err(error) => {
            let message = format!("it cannot be measured here: {error}");
            told(&FailureReport::new("component", message).into())
        }
    }
}

async fn work() -> Measured<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let workload: Workload = serde_json::from_str(&text)?;
    terminal::show(&serde_json::to_string(&workload.run().await?)?);
    Ok(())
}

async fn measure(arguments: &BenchArguments) -> Measured<()> {
    let named: Vec<&str> = arguments.groups.iter().map(String::as_str).collect();
    let groups = if named.is_empty() { GROUPS.to_vec() } else { named };
    terminal::show(Row::HEADING);
    for group in groups {
        for row in rows::measure(group).await? {
            terminal::show(&row.to_string());
        }
    }
    Ok(())
}
