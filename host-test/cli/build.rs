//! Builds the Auth0 connector's component, which the command embeds, so that one
//! `cargo run` is enough.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const PACKAGE: &str = "rawdash-connector-auth0";

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for watched in ["src", "wit", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed=../../{watched}");
    }
    let Some(target_dir) = target_dir() else {
        println!("cargo::error=cargo did not set OUT_DIR for the build script");
        return ExitCode::FAILURE;
    };
    println!("cargo::rustc-env=RAWDASH_COMPONENT_TARGET_DIR={}", target_dir.display());
    match component_build::build(&root, &target_dir, &[PACKAGE]) {
        Ok(paths) => {
            for path in paths {
                println!("cargo::rustc-env=RAWDASH_COMPONENT={}", path.display());
            }
            ExitCode::SUCCESS
        }
        Err(message) => {
            for line in message.lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

/// `target/component`, beside the profiles, because a debug and a release host embed
/// the same component. `OUT_DIR` is `target/PROFILE/build/PACKAGE/out`.
fn target_dir() -> Option<PathBuf> {
    let out = PathBuf::from(std::env::var_os("OUT_DIR")?);
    Some(out.ancestors().nth(4)?.join("component"))
}
