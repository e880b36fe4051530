//! Makes the files of a release in `dist/`: `cargo run -p release`.
//!
//! The same sources and toolchain make the same bytes, on whichever machine
//! and in whichever directory: nothing here asks for the time, a random number
//! or a path that is not taken out again.

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

/// The repository that cargo runs this in. Not the one that it was compiled
/// in: of two clones with one target directory, cargo compiles this for one.
fn root() -> Result<PathBuf, String> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").ok_or("run: cargo run -p release")?;
    let root = Path::new(&package).join("../..");
    root.canonicalize().map_err(|error| format!("{} cannot be read: {error}", root.display()))
}
