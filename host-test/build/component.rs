//! Builds components with a cargo of its own. The build script and the tests
//! both include this file.

use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";

/// Builds the packages for WebAssembly, optimised, into `target_dir`, and
/// returns where their components lie, in the order given.
///
/// The error is one line that says what to run.
pub(crate) fn build(
    root: &Path,
    target_dir: &Path,
    packages: &[&str],
) -> Result<Vec<PathBuf>, String> {
    add_target(root)?;
    let mut cargo =
        clean(Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())), root);
    cargo.args(["build", "--release", "--target", TARGET, "--target-dir"]).arg(target_dir);
    if root.join("Cargo.lock").exists() {
        cargo.arg("--locked");
    }
    for package in packages {
        cargo.args(["-p", package]);
    }
    let output = cargo.output().map_err(|error| format!("cargo cannot be run: {error}"))?;
    if !output.status.success() {
        let log = String::from_utf8_lossy(&output.stderr);
        return Err(format!(
            "the component does not build; in {}, see what `cargo build --release --target {TARGET} -p {}` says:\n{log}",
            root.display(),
            packages.join(" -p ")
        ));
    }
    let built = target_dir.join(TARGET).join("release");
    Ok(packages
        .iter()
        .map(|package| built.join(format!("{}.wasm", package.replace('-', "_"))))
        .collect())
}

/// Adds the target where the toolchain came without it: `rust-toolchain.toml`
/// asks for it, but only a rustup that may install heeds that.
fn add_target(root: &Path) -> Result<(), String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = clean(Command::new(rustc), root).args(["--print", "sysroot"]).output();
    let sysroot = sysroot.map_err(|error| format!("rustc cannot be run: {error}"))?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&sysroot.stdout).trim().to_owned());
    if sysroot.join("lib/rustlib").join(TARGET).join("lib").is_dir() {
        return Ok(());
    }
    let toolchain =
        sysroot.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let added = clean(Command::new("rustup"), root)
        .args(["target", "add", TARGET, "--toolchain", &toolchain])
        .output();
    match added {
        Ok(output) if output.status.success() => Ok(()),
        _ => Err(format!(
            "the Rust target {TARGET} is missing; run: rustup target add {TARGET} --toolchain {toolchain}"
        )),
    }
}

/// The command without what the outer cargo says of the host's own build: its
/// flags would be the component's, and its profile and target directory too
/// (two cargos in one target directory wait for each other for ever).
fn clean(mut command: Command, root: &Path) -> Command {
    const KEPT: [&str; 4] = ["CARGO", "CARGO_HOME", "CARGO_NET_OFFLINE", "CARGO_TERM_COLOR"];
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let cargos = text.starts_with("CARGO") && !KEPT.contains(&text.as_ref());
        let flags = [
            "RUSTFLAGS",
            "RUSTC_WRAPPER",
            "RUSTC_WORKSPACE_WRAPPER",
            "TARGET",
            "HOST",
            "PROFILE",
            "OPT_LEVEL",
            "DEBUG",
        ];
        if cargos || flags.contains(&text.as_ref()) {
            command.env_remove(&name);
        }
    }
    command.current_dir(root);
    command
}
