//! Builds the files of a release in `dist/`: `cargo run -p release`. With the argument
//! `--without-host` it leaves out the static command, whose build takes minutes.
//!
//! The same sources and toolchain produce the same bytes on any machine and in any
//! directory: the output contains no time, no random number and no path of the
//! machine.

mod checksums;
mod command;
mod component_metadata;
mod contract;
mod dependencies;
mod file;
mod npm;
mod package;
mod release;
mod revision;
mod sbom;
mod static_host;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use release::{Extent, Release};

fn main() -> ExitCode {
    let made = extent().and_then(|extent| {
        let root = root()?;
        eprintln!("building the component; the first time takes a minute or two");
        let release = Release::make(&root, extent)?;
        release.write(&root)?;
        Ok(release)
    });
    match made {
        Ok(release) => {
            println!("{}", release.summary());
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("no release was made: {message}");
            ExitCode::FAILURE
        }
    }
}

fn extent() -> Result<Extent, String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Ok(Extent::WithHost),
        ["--without-host"] => Ok(Extent::WithoutHost),
        _ => Err("the only argument is --without-host".to_owned()),
    }
}

/// The repository that cargo runs this in, which may differ from the one that it was
/// compiled in: two clones with one target directory share the program.
fn root() -> Result<PathBuf, String> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").ok_or("run: cargo run -p release")?;
    let root = Path::new(&package).join("../..");
    root.canonicalize().map_err(|error| format!("{} cannot be read: {error}", root.display()))
}
