//! Builds components with a cargo of its own: for the command, which embeds
//! one, for tests, and for releases.

#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What components are compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The profile that they are compiled with: optimised across crates, which the
/// host is not.
pub const PROFILE: &str = "component";

/// Builds the packages for WebAssembly, optimised, into `target_dir`, and
/// returns where their components lie, in the order given. What is built does
/// not depend on where: the same sources and toolchain make the same bytes.
///
/// # Errors
/// One line that says what to run, or the compiler's own words.
pub fn build(root: &Path, target_dir: &Path, packages: &[&str]) -> Result<Vec<PathBuf>, String> {
    let sysroot = PathBuf::from(rustc(root, &["--print", "sysroot"])?);
    add_target(root, &sysroot)?;
    let mut cargo = cargo(root);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", remapped_paths(root)?);
    cargo.args(["build", "--profile", PROFILE, "--target", TARGET, "--target-dir"]).arg(target_dir);
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
            "the component does not build; in {}, see what `cargo build --profile {PROFILE} --target {TARGET} -p {}` says:\n{log}",
            root.display(),
            packages.join(" -p ")
        ));
    }
    let built = target_dir.join(TARGET).join(PROFILE);
    Ok(packages
        .iter()
        .map(|package| built.join(format!("{}.wasm", package.replace('-', "_"))))
        .collect())
}

/// Adds the target where the toolchain came without it: `rust-toolchain.toml`
/// asks for it, but only a rustup that may install heeds that.
fn add_target(root: &Path, sysroot: &Path) -> Result<(), String> {
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

/// The flags of rustc, as cargo wants them, by which no path of this machine
/// gets into a component: messages of panics name the files of the crates that
/// they are in. Those of the standard library have a name of their own.
fn remapped_paths(root: &Path) -> Result<OsString, String> {
    let root_path = root
        .canonicalize()
        .map_err(|error| format!("{} cannot be read: {error}", root.display()))?;
    let mut flags = OsString::from("--remap-path-prefix=");
    flags.push(root_path);
    flags.push("=.");
    // Of prefixes that both match, rustc takes the last: crates may be kept
    // within the repository.
    if let Some(home) = cargo_home() {
        flags.push("\u{1f}--remap-path-prefix=");
        flags.push(home);
        flags.push("=cargo");
    }
    Ok(flags)
}

/// Where cargo keeps the sources of the crates.
fn cargo_home() -> Option<PathBuf> {
    match std::env::var_os("CARGO_HOME") {
        Some(home) => Some(home.into()),
        None => Some(std::env::home_dir()?.join(".cargo")),
    }
}

/// What rustc prints for the arguments.
///
/// # Errors
/// When rustc cannot be run.
pub fn rustc(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = clean(Command::new(rustc), root).args(arguments).output();
    let output = output.map_err(|error| format!("rustc cannot be run: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The cargo that runs this, without what it says of the build that it is at.
pub fn cargo(root: &Path) -> Command {
    clean(Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())), root)
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
