//! `man`: the man pages, from the arguments and the help of each command.

use std::io;
use std::path::Path;

use clap::{Command, CommandFactory};

use crate::arguments::{Arguments, ManArguments};
use crate::output::{man_page, terminal};
use crate::{ended_early, exit_after};
use rawdash_host::failure::{Exit, FailureReport, HostKind};

/// Runs the command.
pub(crate) fn run(arguments: &ManArguments) -> Exit {
    let out = &arguments.out;
    match write(out) {
        Ok(()) => {
            let next = format!("man pages of every command are in {}", out.display());
            exit_after(terminal::show(&terminal::printable(&next)), Exit::Done)
        }
        Err(error) => {
            let out = out.display();
            let message = format!(
                "the man pages cannot be written to {out} ({error}): name a directory that may be \
                 written"
            );
            ended_early(&FailureReport::new(HostKind::Output, message).into())
        }
    }
}

/// Writes a page for the program and one for each command.
fn write(out: &Path) -> io::Result<()> {
    std::fs::create_dir_all(out)?;
    let mut program = Arguments::command().disable_help_subcommand(true);
    program.build();
    let name =
        |command: &Command| command.get_display_name().unwrap_or(command.get_name()).to_owned();
    for command in program.get_subcommands().chain([&program]) {
        std::fs::write(out.join(format!("{}.1", name(command))), man_page::page(command)?)?;
    }
    Ok(())
}
