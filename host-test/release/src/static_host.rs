//! The command as a static program, which runs on every Linux and in an empty
//! container: in an archive with its man pages, its completions and what an image is
//! built with.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{self, Problem};
use crate::dependencies::Dependencies;
use crate::file::File;
use crate::package::{HOST, Package};
use crate::sbom::sbom;
use component_build as build;

/// The targets: static because their C library is musl.
const TARGETS: [&str; 2] = ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"];

/// Where each shell expects its completions, by name.
const COMPLETIONS: [(&str, &str); 3] =
    [("bash", "rawdash-host.bash"), ("zsh", "_rawdash-host"), ("fish", "rawdash-host.fish")];

/// The static programs.
#[derive(Debug, Default)]
pub(crate) struct StaticHost {
    /// An archive and a bill for each target.
    pub(crate) files: Vec<File>,
    /// The targets that were left out, and why.
    pub(crate) left_out: Vec<String>,
}

impl StaticHost {
    /// Builds those that this machine has the C compilers for.
    pub(crate) fn build(root: &Path) -> Result<StaticHost, String> {
        let package = Package::read(root, HOST)?;
        let mut made = StaticHost::default();
        // The one that runs here writes the manual of all.
        let mut runs = None;
        let mut targets = TARGETS;
        targets.sort_by_key(|target| !is_native(target));
        for target in targets {
            let program = match program(root, target) {
                Ok(program) => program,
                Err(Problem::Missing(what)) => {
                    made.left_out
                        .push(format!("rawdash-host for {target} ({what} is not installed)"));
                    continue;
                }
                Err(problem) => return Err(problem.into()),
            };
            if is_native(target) {
                runs = Some(program.clone());
            }
            let stem = format!("rawdash-host-{}-{target}", package.version);
            let archive = archive(root, &stem, &program, runs.as_deref())?;
            let dependencies = Dependencies::read(root, &[HOST], target)?;
            made.files.push(sbom(&stem, &package, &archive.contents, &dependencies));
            made.files.push(archive);
        }
        Ok(made)
    }
}

/// Crates that are compiled for size, because no sync waits for them: an image may have
/// 30 MB.
const SMALL: [&str; 7] = [
    "rawdash-host-cli",
    "rawdash-verify",
    "rawdash-dashboard",
    "auth0-tenant",
    "clap_builder",
    "clap_complete",
    "clap_mangen",
];

/// Builds the program for a target, unless its C compiler or its standard library is
/// missing.
fn program(root: &Path, target: &str) -> Result<PathBuf, Problem> {
    let variable = target.replace('-', "_");
    let compiler = compiler(target, &variable);
    command::output(Command::new(&compiler).arg("--version"))?;
    let target_missing = |_| Problem::Missing(format!("the Rust target {target}"));
    build::add_target(root, target).map_err(target_missing)?;
    eprintln!("building rawdash-host for {target}; the first time takes some minutes");
    let mut cargo = build::cargo(root);
    cargo.args(["rustc", "--release", "--locked", "-p", HOST, "--bin", "rawdash-host"]);
    // With an override, cargo keeps the names of functions unless told here too.
    cargo.args(["--config", &format!("profile.release.package.{HOST}.strip=true")]);
    for package in SMALL {
        cargo.args(["--config", &format!("profile.release.package.{package}.opt-level=\"z\"")]);
    }
    cargo.args(["--target", target]);
    if is_native(target) {
        // The addresses of a static program that may be loaded anywhere, in a twentieth of
        // the space: an image may have 30 MB.
        cargo.args(["--", "-Clink-arg=-Wl,-z,pack-relative-relocs"]);
    } else {
        // Rust brings what it links with, its own copy of musl too.
        cargo.env(format!("CARGO_TARGET_{}_LINKER", variable.to_uppercase()), "rust-lld");
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", build::without_paths(root).map_err(Problem::Failed)?);
    cargo.env(format!("CC_{variable}"), &compiler);
    command::output(&mut cargo)?;
    Ok(root.join("target").join(target).join("release/rawdash-host"))
}

/// The C compiler of a target: the one that the environment names, as for cargo's
/// build scripts, or the one of the usual name.
fn compiler(target: &str, variable: &str) -> String {
    std::env::var(format!("CC_{variable}")).unwrap_or_else(|_| {
        let architecture = target.split('-').next().unwrap_or(target);
        if is_native(target) {
            "musl-gcc".to_owned()
        } else {
            format!("{architecture}-linux-musl-gcc")
        }
    })
}

/// An archive with the same bytes for the same files: sorted, without times, owners
/// and this machine's permissions.
fn archive(root: &Path, stem: &str, program: &Path, runs: Option<&Path>) -> Result<File, String> {
    let staging = root.join("target/archive");
    let directory = staging.join(stem);
    let unwritten = |error: io::Error| format!("{} cannot be written: {error}", staging.display());
    if staging.exists() {
        fs::remove_dir_all(&staging).map_err(unwritten)?;
    }
    fs::create_dir_all(&directory).map_err(unwritten)?;
    fs::copy(program, directory.join("rawdash-host")).map_err(unwritten)?;
    fs::copy(root.join("LICENSE"), directory.join("LICENSE")).map_err(unwritten)?;
    // An image is built of this directory, with an empty one for its volume.
    fs::copy(root.join("Containerfile"), directory.join("Containerfile")).map_err(unwritten)?;
    fs::create_dir(directory.join("data")).map_err(unwritten)?;
    if let Some(runs) = runs {
        command::output(Command::new(runs).args(["man", "--out"]).arg(directory.join("man1")))?;
        for (shell, file) in COMPLETIONS {
            let script = command::output(Command::new(runs).args(["completions", shell]))?;
            fs::write(directory.join(file), script).map_err(unwritten)?;
        }
    }
    let name = format!("{stem}.tar.gz");
    let mut tar = Command::new("tar");
    tar.current_dir(&staging).args(["--create", "--file", &name, "--sort=name", "--mtime=@0"]);
    tar.args(["--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX"]);
    tar.args(["--use-compress-program=gzip -9n", stem]);
    command::output(&mut tar)?;
    let contents = fs::read(staging.join(&name)).map_err(unwritten)?;
    Ok(File { name, contents })
}

/// Whether programs of a target run on this machine.
fn is_native(target: &str) -> bool {
    target.split('-').next() == Some(std::env::consts::ARCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    #[cfg(target_os = "linux")]
    #[test]
    fn an_archive_is_the_same_to_the_byte_whenever_and_by_whomever_it_is_made() {
        use std::os::unix::fs::PermissionsExt;
        let archives = [0o700, 0o755].map(|mode| {
            let root = tempfile::tempdir().unwrap();
            let program = root.path().join("program");
            for file in ["program", "LICENSE", "Containerfile"] {
                fs::write(root.path().join(file), file).unwrap();
            }
            fs::set_permissions(&program, fs::Permissions::from_mode(mode)).unwrap();
            let past = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::from(mode));
            fs::File::options().write(true).open(&program).unwrap().set_modified(past).unwrap();
            archive(root.path(), "host-1", &program, None).unwrap()
        });
        assert_eq!(archives[0].name, "host-1.tar.gz");
        assert!(archives[0].contents == archives[1].contents);
    }

    #[test]
    fn a_missing_c_compiler_is_named_as_what_is_missing() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let target = "mips-unknown-linux-musl";
        let built = program(&root, target);
        assert!(matches!(built, Err(Problem::Missing(name)) if name == "mips-linux-musl-gcc"));
    }
}
