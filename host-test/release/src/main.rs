//! Builds the files of a release in `dist/`: `cargo run -p release`.
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

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use release::Release;

fn main() -> ExitCode {
    let made = root().and_then(|root| {
        eprintln!("building the component; the first time takes a minute or two");
        let release = Release::make(&root)?;
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

/// The repository that cargo runs this in, which may differ from the one that it was
/// compiled in: two clones with one target directory share the program.
fn root() -> Result<PathBuf, String> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").ok_or("run: cargo run -p release")?;
    let root = Path::new(&package).join("../..");
    root.canonicalize().map_err(|error| format!("{} cannot be read: {error}", root.display()))
}
