//! `cargo run -p confine -- CONNECTOR OUT` confines a connector to the origins of its
//! configuration. `cargo run -p confine -- plug SOCKET OUT PLUG…` plugs components into
//! another, as `wac plug SOCKET --plug PLUG… -o OUT` does.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use confine::{Confinement, plugged, read};

const USAGE: &str = "usage: confine CONNECTOR OUT, or confine plug SOCKET OUT PLUG…";

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[PathBuf]) -> Result<(), String> {
    let (composed, out) = match arguments {
        [command, socket, out, plugs @ ..] if command == Path::new("plug") => {
            let plugs: Vec<Vec<u8>> =
                plugs.iter().map(|plug| read(plug)).collect::<Result<_, _>>()?;
            (plugged(&read(socket)?, &plugs)?, out)
        }
        [connector, out] => {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
            let confinement = Confinement::build(&root, &root.join("target/component"))?;
            (confinement.confine(&read(connector)?)?, out)
        }
        _ => return Err(USAGE.to_owned()),
    };
    std::fs::write(out, composed)
        .map_err(|error| format!("{} cannot be written: {error}", out.display()))
}
