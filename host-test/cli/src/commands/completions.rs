//! `completions`: what a shell reads to complete the commands and their options.

use clap::CommandFactory;

use crate::arguments::{Arguments, CompletionsArguments};
use crate::exit_after;
use crate::output::terminal;
use rawdash_host::failure::Exit;

/// Runs the command.
pub(crate) fn run(arguments: &CompletionsArguments) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut Arguments::command(),
        "rawdash-host",
        &mut script,
    );
    let script = String::from_utf8_lossy(&script);
    // The generator spells a name with a hyphen in two ways in bash, so no option of a
    // command would be completed (clap-rs/clap#6421).
    let script = script.replace("rawdash__subcmd__host", "rawdash__host");
    exit_after(terminal::show(script.trim_end()), Exit::Done)
}
