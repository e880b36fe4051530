//! Syncs many tenants as a service of the engine Restate.
//!
//! In reading order:
//! - `service`: the virtual object that the engine calls, one per tenant; `course`:
//!   what comes after each slice of a sync, as a function of values; `outcome`: what
//!   a slice leads to, which is all that the engine's journal holds; `schedule`.
//! - `slice`: one slice of one sync, by the host's library; `tenants`: where the
//!   configurations are; `store`: where the records go.
//!
//! The checkpoint is stored with the records, never in the engine, so the engine may
//! repeat a slice, and lose its last seconds, without a row being lost or doubled.

#![forbid(unsafe_code)]

mod arguments;
mod course;
mod outcome;
mod schedule;
mod serve;
mod service;
mod slice;
mod store;
mod tenants;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use rawdash_host::failure::Exit;

use crate::arguments::Arguments;

/// Runs the program with these arguments, the first of which is its own name, and
/// returns its exit status.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version go to standard output and are not errors.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            let _ = error.print();
            return ExitCode::from(exit.code());
        }
    };
    // Before anything else, because the environment already holds the secrets.
    rawdash_host_cli::process::core_dump::disable();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("the machine does not let this process wait for connections: {error}");
            return ExitCode::from(Exit::Machine.code());
        }
    };
    let ended = runtime.block_on(serve::run(arguments));
    // Not dropped, which would wait for requests that are no longer needed.
    runtime.shutdown_background();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(end) => {
            eprintln!("{end}");
            ExitCode::from(end.exit().code())
        }
    }
}
