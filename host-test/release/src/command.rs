//! Running another program for its output.

use std::io::ErrorKind;
use std::process::Command;

/// Why a program gave no usable output.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The program is not installed.
    Missing(String),
    /// It could not be started, or ended with an error; the text is its output.
    Failed(String),
}

impl From<Problem> for String {
    fn from(problem: Problem) -> String {
        match problem {
            Problem::Missing(program) => format!("{program} is not installed"),
            Problem::Failed(message) => message,
        }
    }
}

/// Runs a program to its end, and returns its standard output.
pub(crate) fn output(command: &mut Command) -> Result<String, Problem> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| match error.kind() {
        ErrorKind::NotFound => Problem::Missing(program),
        _ => Problem::Failed(format!("{command:?} cannot be run: {error}")),
    })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Problem::Failed(format!("{command:?} failed:\n{}", said.trim_end())));
    }
    String::from_utf8(output.stdout)
        .map_err(|_| Problem::Failed(format!("the output of {command:?} is not UTF-8")))
}
