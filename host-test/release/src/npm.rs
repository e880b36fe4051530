//! The npm package: `host-test/node`, and the component beside its entry.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::command::{self, Problem};
use crate::file::File;

/// The component's name in the package.
const COMPONENT: &str = "connector.wasm";

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

/// Packs the package in `source` with the component, the licence and the version.
/// `staging` is a working directory; its content is deleted.
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
    stage(source, staging, component, license)
        .map_err(|error| format!("the npm package cannot be assembled: {error}"))?;
    match tarball(staging, version) {
        Ok(file) => Ok(Npm::Packed(file)),
        Err(Problem::Missing(_)) => {
            Ok(Npm::LeftOut("npm is not installed; it comes with Node.js".to_owned()))
        }
        Err(problem) => Err(problem.into()),
    }
}

fn stage(source: &Path, staging: &Path, component: &[u8], license: &Path) -> io::Result<()> {
    if staging.exists() {
        fs::remove_dir_all(staging)?;
    }
    copy_directory(source, staging)?;
    put(&staging.join("LICENSE"), &fs::read(license)?)?;
    put(&staging.join(COMPONENT), component)
}

fn copy_directory(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if !entry.file_type()?.is_dir() {
            put(&target, &fs::read(entry.path())?)?;
        } else if entry.file_name() != OsStr::new("node_modules") {
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

fn tarball(staging: &Path, version: &str) -> Result<File, Problem> {
    let npm = |arguments: &[&str]| {
        let mut npm = Command::new("npm");
        npm.current_dir(staging).args(arguments).args(["--offline", "--no-update-notifier"]);
        command::output(&mut npm)
    };
    npm(&["pkg", "set", &format!("version={version}")])?;
    let output = npm(&["pack", "--json", "--ignore-scripts"])?;
    let packed: [Tarball; 1] = serde_json::from_str(&output)
        .map_err(|error| Problem::Failed(format!("unexpected output of `npm pack`: {error}")))?;
    let [Tarball { filename, files }] = packed;
    if !files.iter().any(|file| file.path == COMPONENT) {
        return Err(Problem::Failed(format!(
            "the npm package has no component: list {COMPONENT} under `files` in host-test/node/package.json"
        )));
    }
    let contents = fs::read(staging.join(&filename))
        .map_err(|error| Problem::Failed(format!("{filename} cannot be read: {error}")))?;
    Ok(File { name: filename, contents })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A package with one module and the given files, packed in a directory of
    /// its own.
    fn packed(files: &str) -> Result<Npm, String> {
        let directory = tempfile::tempdir().unwrap();
        let source = directory.path().join("node");
        fs::create_dir_all(source.join("node_modules/other")).unwrap();
        fs::write(source.join("node_modules/other/index.js"), "").unwrap();
        fs::write(source.join("index.js"), "export default 1;\n").unwrap();
        let manifest = format!(
            r#"{{"name":"@rawdash/x","version":"0.0.0","exports":{{"node":"./index.js","default":"./index.js"}},"files":{files}}}"#
        );
        fs::write(source.join("package.json"), manifest).unwrap();
        let license = directory.path().join("LICENSE");
        fs::write(&license, "Apache").unwrap();
        pack(&source, &directory.path().join("staging"), b"\0asm", &license, "1.2.3")
    }

    #[test]
    fn a_package_is_the_same_to_the_byte_in_another_directory() {
        let files = r#"["index.js","connector.wasm"]"#;
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
            Err(message) => assert!(message.contains("connector.wasm under `files`"), "{message}"),
            Ok(Npm::LeftOut(reason)) => {
                assert!(reason.contains("npm is not installed"), "{reason}")
            }
            Ok(Npm::Packed(file)) => panic!("{}", file.name),
        }
    }
}
