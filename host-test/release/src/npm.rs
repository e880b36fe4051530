//! The npm package: `host-test/node`, and what its own script makes of the component.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::command::{self, Problem};
use crate::file::File;

/// What is made of the component, in the package.
const MADE: &str = "connector";

/// The npm package, or why there is none.
#[derive(Debug)]
pub(crate) enum Npm {
    /// The tarball.
    Packed(File),
    /// It was left out for this reason.
    LeftOut(String),
}

/// The output of `npm pack --json` for a package.
#[derive(Deserialize)]
struct Tarball {
    filename: String,
    files: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    path: String,
}

/// Packs the package in `source` with what its script `make` makes of the component,
/// the licence and the version. `staging` is a working directory; its content is
/// deleted.
///
/// npm gives every file of a tarball the same time and owner.
pub(crate) fn pack(
    source: &Path,
    staging: &Path,
    component: &[u8],
    license: &Path,
    version: &str,
) -> Result<Npm, String> {
    if !source.join("package.json").exists() {
        return Ok(Npm::LeftOut("host-test/node has no package.json".to_owned()));
    }
    let package = staging.join("package");
    let file = staging.join("component.wasm");
    stage(source, staging, &package, license)
        .and_then(|()| put(&file, component))
        .map_err(|error| format!("the npm package cannot be assembled: {error}"))?;
    match make(source, &file, &package.join(MADE)).and_then(|()| tarball(&package, version)) {
        Ok(file) => Ok(Npm::Packed(file)),
        Err(Problem::Missing(_)) => {
            Ok(Npm::LeftOut("npm is not installed; it comes with Node.js".to_owned()))
        }
        Err(problem) => Err(problem.into()),
    }
}

fn stage(source: &Path, staging: &Path, package: &Path, license: &Path) -> io::Result<()> {
    if staging.exists() {
        fs::remove_dir_all(staging)?;
    }
    copy_directory(source, package)?;
    put(&package.join("LICENSE"), &fs::read(license)?)
}

/// Makes of the component what the package holds of it. The tools for that are those
/// of the package's lock file.
fn make(source: &Path, component: &Path, made: &Path) -> Result<(), Problem> {
    if !source.join("node_modules").exists() {
        npm(source, &["ci", "--ignore-scripts"])?;
    }
    let mut make = npm_command(source);
    make.args(["run", "--silent", "make", "--"]).arg(component).arg(made);
    command::output(&mut make).map(drop)
}

fn npm_command(directory: &Path) -> Command {
    let mut npm = Command::new("npm");
    npm.current_dir(directory).arg("--no-update-notifier");
    npm
}

fn npm(directory: &Path, arguments: &[&str]) -> Result<String, Problem> {
    command::output(npm_command(directory).args(arguments))
}

/// Directories that may lie in the source and are not of it.
const LEFT_OUT: [&str; 2] = ["node_modules", MADE];

fn copy_directory(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if !entry.file_type()?.is_dir() {
            put(&target, &fs::read(entry.path())?)?;
        } else if !LEFT_OUT.iter().any(|name| entry.file_name() == OsStr::new(name)) {
            copy_directory(&entry.path(), &target)?;
        }
    }
    Ok(())
}

/// Writes a file with fixed permissions, because npm keeps them.
fn put(path: &Path, contents: &[u8]) -> io::Result<()> {
    fs::write(path, contents)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o644))?;
    }
    Ok(())
}

fn tarball(package: &Path, version: &str) -> Result<File, Problem> {
    npm(package, &["pkg", "set", &format!("version={version}")])?;
    let output = npm(package, &["pack", "--json", "--ignore-scripts", "--offline"])?;
    let packed: [Tarball; 1] = serde_json::from_str(&output)
        .map_err(|error| Problem::Failed(format!("unexpected output of `npm pack`: {error}")))?;
    let [Tarball { filename, files }] = packed;
    if !files.iter().any(|file| Path::new(&file.path).starts_with(MADE)) {
        return Err(Problem::Failed(format!(
            "the npm package has no component: list {MADE} under `files` in host-test/node/package.json"
        )));
    }
    let contents = fs::read(package.join(&filename))
        .map_err(|error| Problem::Failed(format!("{filename} cannot be read: {error}")))?;
    Ok(File { name: filename, contents })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A package with one module and the given files, packed in a directory of
    /// its own. What it makes of the component is a copy.
    fn packed(files: &str) -> Result<Npm, String> {
        let directory = tempfile::tempdir().unwrap();
        let source = directory.path().join("node");
        fs::create_dir_all(source.join("node_modules/other")).unwrap();
        fs::write(source.join("node_modules/other/index.js"), "").unwrap();
        fs::write(source.join("index.js"), "export default 1;\n").unwrap();
        let manifest = format!(
            r#"{{"name":"@rawdash/x","version":"0.0.0","exports":{{"node":"./index.js","default":"./index.js"}},"scripts":{{"make":"cp"}},"files":{files}}}"#
        );
        fs::write(source.join("package.json"), manifest).unwrap();
        let license = directory.path().join("LICENSE");
        fs::write(&license, "Apache").unwrap();
        pack(&source, &directory.path().join("staging"), b"\0asm", &license, "1.2.3")
    }

    #[test]
    fn a_package_is_the_same_to_the_byte_in_another_directory() {
        let files = r#"["index.js","connector"]"#;
        match (packed(files).unwrap(), packed(files).unwrap()) {
            (Npm::Packed(one), Npm::Packed(other)) => {
                assert_eq!(one.name, "rawdash-x-1.2.3.tgz");
                assert!(one.contents == other.contents);
            }
            // A machine without Node.js.
            (Npm::LeftOut(reason), _) | (_, Npm::LeftOut(reason)) => {
                assert!(reason.contains("npm is not installed"), "{reason}");
            }
        }
    }

    #[test]
    fn a_package_that_leaves_its_component_out_is_not_released() {
        match packed(r#"["index.js"]"#) {
            Err(message) => assert!(message.contains("connector under `files`"), "{message}"),
            Ok(Npm::LeftOut(reason)) => {
                assert!(reason.contains("npm is not installed"), "{reason}")
            }
            Ok(Npm::Packed(file)) => panic!("{}", file.name),
        }
    }
}
