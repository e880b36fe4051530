//! Builds components by running cargo: for the command, which embeds one, for tests
//! and for releases.

#![forbid(unsafe_code)]

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The target of components.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The profile of components: optimised across crates, which the host is not.
pub const PROFILE: &str = "component";

/// Builds the packages for WebAssembly, optimised, into `target_dir`, and returns
/// the paths of their components in the given order. The build is reproducible: the
/// same sources and toolchain produce the same bytes in any directory.
///
/// # Errors
/// One line that says what to run, or the compiler's output.
pub fn build(root: &Path, target_dir: &Path, packages: &[&str]) -> Result<Vec<PathBuf>, String> {
    add_target(root, TARGET)?;
    let mut cargo = cargo(root);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags(root)?);
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
            "the component does not build; run in {}: `cargo build --profile {PROFILE} --target {TARGET} -p {}`\n{log}",
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

/// Runs the program `confine` of this repository, which has dependencies of its own, with
/// the arguments: see `host-test/confine`.
///
/// # Errors
/// What the program says, or the compiler's output.
pub fn confine(root: &Path, arguments: &[&OsStr]) -> Result<(), String> {
    let mut cargo = cargo(root);
    cargo.args(["run", "--quiet", "--locked", "--manifest-path"]);
    cargo.arg(root.join("host-test/confine/Cargo.toml"));
    cargo.arg("--target-dir").arg(root.join("target/confine")).arg("--").args(arguments);
    // The egress that it builds is opened by the configuration alone.
    cargo.env_remove("EGRESS_ORIGINS");
    let output = cargo.output().map_err(|error| format!("cargo cannot be run: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}

/// Adds a target if the toolchain lacks it. `rust-toolchain.toml` names that of
/// components, but only a rustup that may install components respects it.
///
/// # Errors
/// What to run, when it cannot be added.
pub fn add_target(root: &Path, target: &str) -> Result<(), String> {
    let sysroot = PathBuf::from(rustc(root, &["--print", "sysroot"])?);
    if sysroot.join("lib/rustlib").join(target).join("lib").is_dir() {
        return Ok(());
    }
    let toolchain =
        sysroot.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let added = clean(Command::new("rustup"), root)
        .args(["target", "add", target, "--toolchain", &toolchain])
        .output();
    match added {
        Ok(output) if output.status.success() => Ok(()),
        _ => Err(format!(
            "the Rust target {target} is missing; run: rustup target add {target} --toolchain {toolchain}"
        )),
    }
}

/// The flags of rustc, in cargo's encoding; those of `.cargo/config.toml` give way
/// to them: that sixteen bytes may be looked at at once, which every runtime of
/// components can, and [`without_paths`].
fn flags(root: &Path) -> Result<OsString, String> {
    let mut flags = OsString::from("-Ctarget-feature=+simd128\u{1f}");
    flags.push(without_paths(root)?);
    Ok(flags)
}

/// The flags of rustc, in cargo's encoding, that keep paths of this machine out of
/// what is built, since messages of panics contain the paths of source files. The
/// standard library's paths are remapped already.
///
/// # Errors
/// When the root cannot be read.
pub fn without_paths(root: &Path) -> Result<OsString, String> {
    let root_path = root
        .canonicalize()
        .map_err(|error| format!("{} cannot be read: {error}", root.display()))?;
    let mut flags = OsString::from("--remap-path-prefix=");
    flags.push(root_path);
    flags.push("=.");
    // If two prefixes match, rustc uses the last: cargo's home may be within the
    // repository.
    if let Some(home) = cargo_home() {
        flags.push("\u{1f}--remap-path-prefix=");
        flags.push(home);
        flags.push("=cargo");
    }
    Ok(flags)
}

/// Where cargo stores the sources of crates.
fn cargo_home() -> Option<PathBuf> {
    match std::env::var_os("CARGO_HOME") {
        Some(home) => Some(home.into()),
        None => Some(std::env::home_dir()?.join(".cargo")),
    }
}

/// The output of rustc for the arguments.
///
/// # Errors
/// When rustc cannot be run.
pub fn rustc(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = clean(Command::new(rustc), root).args(arguments).output();
    let output = output.map_err(|error| format!("rustc cannot be run: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The cargo that runs this, without the environment of its current build.
pub fn cargo(root: &Path) -> Command {
    clean(Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())), root)
}

/// The command without the outer cargo's environment. Otherwise the host's flags,
/// profile and target directory would apply to the component, and two cargos in one
/// target directory wait for each other for ever.
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
