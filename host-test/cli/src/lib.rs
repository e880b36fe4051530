//! The command line. It reads arguments, files and environment; it reports to people
//! on standard error and to programs as one JSON object on standard output.
//!
//! Public is what `rawdash-worker`, another program, reads in the same way: the
//! configuration, its secrets and the network.

#![forbid(unsafe_code)]

pub mod arguments;
mod commands;
pub mod early_end;
pub mod input;
mod output;
pub mod process;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use rawdash_host::failure::{Exit, FailureReport};
use serde_json::Value;

use crate::arguments::{Arguments, Command};
use crate::commands::{
    bench, check, compile, completions, dashboard, demo, describe, man, new, sync, tenant, verify,
    worker,
};
use crate::early_end::EarlyEnd;
use crate::output::log::{Entry, Log};
use crate::output::terminal;
use crate::process::core_dump;
use crate::process::machine::{self, Handles};
use crate::process::panics;

/// The Auth0 connector's component, as the build script built it.
pub const EMBEDDED: &[u8] = include_bytes!(env!("RAWDASH_COMPONENT"));

/// Runs the command that the process was started with, and returns its exit
/// status.
pub fn main() -> ExitCode {
    let log = Log::requested(std::env::args_os());
    panics::report(log);
    ExitCode::from(run(log).code())
}

fn run(log: Log) -> Exit {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        // Help and version go to standard output and are not errors.
        Err(error) if error.use_stderr() => return wrong_usage(log, &error),
        Err(help) => return show_help(&help),
    };
    // Before anything else, because the environment already holds the secrets.
    core_dump::disable();
    let runtime = match machine::runtime(handles(&arguments.command)) {
        Ok(runtime) => runtime,
        Err(failure) => return cannot_begin(&arguments.command, failure),
    };
    let ended = runtime.block_on(async {
        match &arguments.command {
            Command::Sync(arguments) => sync::run(arguments).await,
            Command::Check(arguments) => check::run(arguments).await,
            Command::Describe(arguments) => describe::run(arguments).await,
            Command::Compile(arguments) => compile::run(arguments),
            Command::New(arguments) => new::run(arguments),
            Command::Verify(arguments) => verify::run(arguments).await,
            Command::Tenant(arguments) => tenant::run(arguments).await,
            Command::Demo(arguments) => demo::run(arguments).await,
            Command::Worker(arguments) => worker::run(arguments),
            Command::Dashboard(arguments) => dashboard::run(arguments).await,
            Command::Bench(arguments) => bench::run(arguments).await,
            Command::Man(arguments) => man::run(arguments),
            Command::Completions(arguments) => completions::run(arguments),
        }
    });
    // Not dropped, which would wait for requests that are no longer needed.
    runtime.shutdown_background();
    ended
}

fn show_help(help: &clap::Error) -> Exit {
    match help.print() {
        Ok(()) => Exit::Done,
        Err(error) => ended_early(&terminal::unwritten(&error).into()),
    }
}

/// Reports a command line that cannot be parsed, in the form that it requests.
fn wrong_usage(log: Log, error: &clap::Error) -> Exit {
    match log {
        Log::Json => log.tell(&Entry::usage(error.to_string().trim_end())),
        Log::Text => drop(error.print()),
    }
    Exit::Usage
}

/// How much the command may have open at once.
fn handles(command: &Command) -> Handles {
    match command {
        Command::Demo(_) | Command::Bench(_) | Command::Verify(_) | Command::Tenant(_) => {
            Handles::SyncAndSource
        }
        Command::Sync(_)
        | Command::Check(_)
        | Command::Describe(_)
        | Command::Compile(_)
        | Command::New(_)
        | Command::Worker(_)
        | Command::Dashboard(_)
        | Command::Man(_)
        | Command::Completions(_) => Handles::Sync,
    }
}

/// Reports what the machine lacks as the command reports any other failure.
fn cannot_begin(command: &Command, failure: FailureReport) -> Exit {
    let stop = EarlyEnd::Failure(failure);
    match command {
        Command::Sync(arguments) => sync::end(Err(stop), Duration::ZERO, arguments),
        Command::Check(arguments) => check::end(Err(stop), arguments.json),
        Command::Describe(arguments) => describe::end(Err(stop), arguments.json),
        Command::Verify(arguments) => verify::end(Err(stop), arguments.json),
        Command::Compile(_)
        | Command::New(_)
        | Command::Tenant(_)
        | Command::Demo(_)
        | Command::Worker(_)
        | Command::Dashboard(_)
        | Command::Bench(_)
        | Command::Man(_)
        | Command::Completions(_) => ended_early(&stop),
    }
}

/// How a command exits that has written its result, and would otherwise exit with
/// `exit`.
fn exit_after(written: Result<(), FailureReport>, exit: Exit) -> Exit {
    Log::Text.exit_after(written, exit)
}

/// Reports why a command ended early, and a failure to programs as well: as what
/// `json` makes of it, if there is such a result.
fn ended_without_result(
    end: &EarlyEnd,
    as_json: bool,
    json: impl FnOnce(&FailureReport) -> Value,
) -> Exit {
    let exit = ended_early(end);
    match end {
        EarlyEnd::Failure(failure) if as_json => {
            exit_after(terminal::show_json(&json(failure)), exit)
        }
        _ => exit,
    }
}

/// Reports why a command without a report ended early.
fn ended_early(end: &EarlyEnd) -> Exit {
    Log::Text.ended_early(end)
}
