//! Encodes the contract in `wit/` as a WIT package, and reads it again.
//!
//! Here and not in the program: the crates that do it ask for features by
//! which all of the workspace, wasmtime too, would be compiled once more. The
//! crates of a build script are kept apart from those of programs.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use wit_component::{DecodedWasm, WitPrinter};
use wit_parser::{PackageId, Resolve};

fn main() -> ExitCode {
    match encode() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo::error=the contract in wit/ cannot be encoded: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes `contract.wasm`, and for the test both texts: of the contract as it
/// is in `wit/`, and as it is read from that file.
fn encode() -> Result<(), Box<dyn Error + Send + Sync>> {
    println!("cargo::rerun-if-changed=../../wit");
    let out = variable("OUT_DIR")?;
    let mut source = Resolve::default();
    // Of the clone that is built, whichever this was compiled for.
    let directory = variable("CARGO_MANIFEST_DIR")?;
    let (package, _) = source.push_dir(directory.join("../../wit"))?;
    let version = source.packages.get(package).and_then(|package| package.name.version.as_ref());
    let version = version.ok_or("its package has no version")?;
    println!("cargo::rustc-env=CONTRACT_VERSION={version}");
    let encoded = wit_component::encode(&source, package)?;
    let DecodedWasm::WitPackage(read, read_package) = wit_component::decode(&encoded)? else {
        return Err("what was encoded is read as a component".into());
    };
    std::fs::write(out.join("source.wit"), text(&source, package)?)?;
    std::fs::write(out.join("read.wit"), text(&read, read_package)?)?;
    std::fs::write(out.join("contract.wasm"), encoded)?;
    Ok(())
}

fn variable(name: &str) -> Result<PathBuf, String> {
    let value = std::env::var_os(name).ok_or_else(|| format!("cargo gave no {name}"))?;
    Ok(value.into())
}

fn text(resolve: &Resolve, package: PackageId) -> Result<String, Box<dyn Error + Send + Sync>> {
    let mut printer = WitPrinter::default();
    printer.print(resolve, package, &[])?;
    Ok(printer.output.to_string())
}
