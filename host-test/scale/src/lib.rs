//! `cargo run --release -p scale-test`: syncs many simulated tenants with several
//! workers, the engine Restate and a libSQL server, kills them while they work, and
//! compares every row with a sync on one machine.
//!
//! In reading order:
//! - `trial`: one trial with all its parts; `kills`: what is killed when, as a function
//!   of the seed; `figures`: what a trial led to, and the table.
//! - `source`: the simulated tenants; `reference`: a sync on one machine; `rows`: what
//!   is compared.
//! - `engine`, `store`, `workers`: the processes, the first two of which are a `process`;
//!   `balancer`: what distributes the engine's calls over the workers; `programs`: where
//!   the programs are.

#![forbid(unsafe_code)]

pub mod arguments;
pub mod balancer;
pub mod engine;
pub mod exchange;
pub mod figures;
pub mod kills;
pub mod process;
pub mod programs;
pub mod reference;
pub mod rows;
pub mod source;
pub mod store;
pub mod trial;
pub mod usage;
pub mod workers;

use std::process::ExitCode;

use clap::Parser;
use rawdash_host_cli::process::signals::Signals;

use crate::arguments::Arguments;
use crate::figures::Table;
use crate::programs::Programs;
use crate::source::{Size, Source};
use crate::trial::Pace;

/// How long a slice lasts: short, so that syncs have several.
const SLICE: &str = "5s";

/// Runs the command that the process was started with, and returns its exit status.
pub fn main() -> ExitCode {
    // The workers are processes of this same program.
    if std::env::args_os().nth(1).is_some_and(|first| first == workers::COMMAND) {
        return workers::main();
    }
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.to_string()),
    };
    match runtime.block_on(until_signal(run(&arguments))) {
        Ok(table) => {
            println!("{table}");
            if table.rows_that_differ() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(message) => failed(&message),
    }
}

fn failed(message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::FAILURE
}

/// A signal ends the trial and its processes, which would otherwise outlive this one.
async fn until_signal(run: impl Future<Output = Result<Table, String>>) -> Result<Table, String> {
    let mut signals = Signals::listen();
    tokio::select! {
        ended = run => ended,
        () = signals.next() => Err("stopped by a signal".to_owned()),
    }
}

async fn run(arguments: &Arguments) -> Result<Table, String> {
    let programs = Programs::find()?;
    let size = Size { logs: arguments.logs, latency: arguments.latency };
    let source = Source::start(arguments.tenants, size).await?;
    eprintln!("syncing {} tenants on one machine, to compare with", arguments.tenants);
    let reference = reference::sync(&source).await?;
    let pace = Pace { slice: SLICE, concurrency: arguments.concurrency };
    let mut table = Table::new(arguments.latency);
    for workers in &arguments.workers {
        let fleet = (*workers, pace);
        let calm = trial::run(&programs, &source, &reference, fleet, &[]).await?;
        table.add(calm.clone());
        if arguments.kills > 0 {
            let kills = kills::plan(arguments.seed, arguments.kills, *workers, calm.requests);
            table.add(trial::run(&programs, &source, &reference, fleet, &kills).await?);
        }
    }
    source.same_day()?;
    Ok(table)
}
