//! Encodes the contract in `wit/` as a WIT package, and decodes it again.
//!
//! This is a build script because cargo resolves its dependencies separately: in
//! the program, the encoder's features would make cargo compile the whole workspace,
//! including wasmtime, a second time.

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

/// Writes `contract.wasm` and, for the test, two texts: the contract as it is in
/// `wit/`, and as decoded from that file.
fn encode() -> Result<(), Box<dyn Error + Send + Sync>> {
    println!("cargo::rerun-if-changed=../../wit");
    let out = variable("OUT_DIR")?;
    let mut source = Resolve::default();
    // A runtime variable: clones may share one compiled build script.
    let directory = variable("CARGO_MANIFEST_DIR")?;
    let (package, _) = source.push_dir(directory.join("../../wit"))?;
    let version = source.packages.get(package).and_then(|package| package.name.version.as_ref());
    let version = version.ok_or("its package has no version")?;
    println!("cargo::rustc-env=CONTRACT_VERSION={version}");
    let encoded = wit_component::encode(&source, package)?;
    let DecodedWasm::WitPackage(read, read_package) = wit_component::decode(&encoded)? else {
        return Err("the encoded package decodes to a component".into());
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
