//! `worker`: runs the program `rawdash-host-worker`, which is a crate of its own, so
//! that only those who use it compile it.

use std::path::PathBuf;
use std::process::Command;

use crate::arguments::WorkerArguments;
use crate::early_end::EarlyEnd;
use crate::ended_early;
use rawdash_host::failure::Exit;

const PROGRAM: &str = "rawdash-host-worker";

/// Runs the program in place of this one. It returns only if that fails.
pub(crate) fn run(arguments: &WorkerArguments) -> Exit {
    let Some(path) = program() else {
        return ended_early(&EarlyEnd::Usage(format!(
            "the program {PROGRAM} is neither beside this one nor in PATH: build it with `cargo \
             build --release -p rawdash-worker`"
        )));
    };
    let error = replace(Command::new(path).args(&arguments.arguments));
    ended_early(&EarlyEnd::Usage(format!("{PROGRAM} cannot be run: {error}")))
}

/// The program beside this one, or else the first in PATH.
fn program() -> Option<PathBuf> {
    let beside = std::env::current_exe().ok().and_then(|own| Some(own.parent()?.to_owned()));
    let path = std::env::var_os("PATH").unwrap_or_default();
    found(beside.into_iter().chain(std::env::split_paths(&path)))
}

fn found(mut directories: impl Iterator<Item = PathBuf>) -> Option<PathBuf> {
    let name = format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX);
    directories.find_map(|directory| Some(directory.join(&name)).filter(|file| file.is_file()))
}

#[cfg(unix)]
fn replace(command: &mut Command) -> std::io::Error {
    use std::os::unix::process::CommandExt;
    command.exec()
}

#[cfg(not(unix))]
fn replace(command: &mut Command) -> std::io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_of_the_same_release_has_precedence_over_one_in_the_path() {
        let [beside, path] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let find = || found([&beside, &path].map(|one| one.path().to_owned()).into_iter());
        let name = format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX);
        assert_eq!(find(), None);
        std::fs::write(path.path().join(&name), "").unwrap();
        assert_eq!(find(), Some(path.path().join(&name)));
        std::fs::write(beside.path().join(&name), "").unwrap();
        assert_eq!(find(), Some(beside.path().join(&name)));
    }
}
