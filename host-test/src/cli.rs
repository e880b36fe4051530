//! The command line: what is asked for, read from arguments, files and
//! environment; what came of it, told to people on standard error and to
//! programs as one JSON object on standard output.

mod arguments;
mod bench;
mod chart;
mod check;
mod configuration;
mod core_dump;
mod dashboard;
mod demo;
mod describe;
mod interrupt;
mod moment;
mod preparation;
mod progress;
mod resources;
mod signals;
mod span;
mod stop;
mod summary;
mod sync;
mod tenant;
mod terminal;
mod verify;

use std::process::ExitCode;

use clap::Parser;

use self::arguments::{Arguments, Command};
use self::stop::Stop;
use crate::report::Outcome;

/// Runs the command that the process was started with, and returns its exit
/// status.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are asked for, and go to standard output.
            let usage = error.use_stderr();
            // Nobody may be listening any more.
            let _ = error.print();
            return exit(if usage { Outcome::Usage } else { Outcome::Done });
        }
    };
    // Before anything else: the environment holds the secrets already.
    core_dump::disable();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal::tell(&format!("no threads could be started ({error}): try again"));
            return exit(Outcome::ComeBackLater);
        }
    };
    let outcome = runtime.block_on(async {
        match &arguments.command {
            Command::Sync(arguments) => sync::run(arguments).await,
            Command::Check(arguments) => check::run(arguments).await,
            Command::Describe(arguments) => describe::run(arguments).await,
            Command::Verify(arguments) => verify::run(arguments).await,
            Command::Tenant(arguments) => tenant::run(arguments).await,
            Command::Demo(arguments) => demo::run(arguments).await,
            Command::Bench(arguments) => bench::run(arguments).await,
        }
    });
    // Not dropped: a request that nobody reads any more need not be waited for.
    runtime.shutdown_background();
    exit(outcome)
}

fn exit(outcome: Outcome) -> ExitCode {
    ExitCode::from(outcome.exit_code())
}

/// Tells why a command without a report ended early.
fn told(stop: &Stop) -> Outcome {
    terminal::tell(&stop.to_string());
    stop.outcome()
}
