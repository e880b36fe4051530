//! `compile`: compiles a component ahead, for machines that forbid executable memory.

use std::borrow::Cow;

use crate::arguments::CompileArguments;
use crate::early_end::EarlyEnd;
use crate::output::terminal;
use crate::{ended_early, exit_after};
use rawdash_host::compiled;
use rawdash_host::error::HostError;
use rawdash_host::failure::{Exit, FailureReport};

/// Runs the command.
pub(crate) fn run(arguments: &CompileArguments) -> Exit {
    match compile(arguments) {
        Ok(()) => {
            let out = arguments.out.display();
            let next =
                format!("{out}: add `--component {out}` where executable memory is forbidden");
            exit_after(terminal::show(&terminal::printable(&next)), Exit::Done)
        }
        Err(end) => ended_early(&end),
    }
}

fn compile(arguments: &CompileArguments) -> Result<(), EarlyEnd> {
    let component = match &arguments.component {
        Some(path) => std::fs::read(path).map(Cow::Owned).map_err(|error| {
            let path = path.display().to_string();
            HostError::Unreadable { path, cause: error.to_string() }
        })?,
        None => Cow::Borrowed(crate::EMBEDDED),
    };
    compiled::compile(&component, &arguments.out)
        .map_err(|error| EarlyEnd::Failure(FailureReport::from(&error)))
}
