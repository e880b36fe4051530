//! A release: its files and their summary.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::checksums::{self, sha256};
use crate::component_metadata::ComponentMetadata;
use crate::contract;
use crate::dependencies::Dependencies;
use crate::file::File;
use crate::npm::{self, Npm};
use crate::package::{CONFINING, CONNECTOR, Package};
use crate::revision::revision;
use crate::sbom::sbom;
use crate::static_host::StaticHost;
use component_build as build;

/// How much is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Everything.
    WithHost,
    /// Everything but the static command, whose build takes minutes.
    WithoutHost,
}

/// Everything that is released together.
#[derive(Debug)]
pub(crate) struct Release {
    files: Vec<File>,
    /// The commit, if it is known.
    revision: Option<String>,
    /// What was left out, and why.
    left_out: Vec<String>,
}

impl Release {
    /// Builds everything, or what has the extent, from the sources in `root`.
    pub(crate) fn make(root: &Path, extent: Extent) -> Result<Release, String> {
        let package = Package::read(root, CONNECTOR)?;
        // Read before the build, which takes so long that files may change.
        let revision = revision(root)?;
        let dependencies = Dependencies::read(root, &[CONNECTOR], build::TARGET)?;
        let built = component(root)?;
        let confined = confined(root, &package.confined(), &built, revision.as_deref())?;
        let component = described(built, &package, revision.as_deref());
        let npm = npm::pack(
            &root.join("host-test/node"),
            &root.join("target/npm"),
            &component,
            &root.join("LICENSE"),
            &package.version,
        )?;
        let bill = sbom(&package.stem(), &package, &component, &dependencies);
        let name = format!("{}.wasm", package.stem());
        let mut files =
            vec![File { name, contents: component }, bill, contract(&package, revision.as_deref())];
        files.extend(confined);
        let mut left_out = Vec::new();
        match npm {
            Npm::Packed(tarball) => files.push(tarball),
            Npm::LeftOut(reason) => left_out.push(format!("the npm package ({reason})")),
        }
        if extent == Extent::WithHost {
            let host = StaticHost::build(root)?;
            files.extend(host.files);
            left_out.extend(host.left_out);
        } else {
            left_out.push("the static rawdash-host".to_owned());
        }
        files.push(checksums::checksums(&files));
        Ok(Release { files, revision, left_out })
    }

    /// Writes the files, and nothing else, to `dist/`.
    pub(crate) fn write(&self, root: &Path) -> Result<(), String> {
        let dist = root.join("dist");
        let written = || {
            if dist.exists() {
                fs::remove_dir_all(&dist)?;
            }
            fs::create_dir(&dist)?;
            self.files.iter().try_for_each(|file| fs::write(dist.join(&file.name), &file.contents))
        };
        written().map_err(|error| format!("dist/ cannot be written: {error}"))
    }

    /// The files with their checksums, and warnings for the person who releases
    /// them.
    pub(crate) fn summary(&self) -> String {
        let mut text = String::new();
        for file in &self.files {
            // Writing to a string cannot fail.
            let size = file.contents.len();
            let _ = writeln!(text, "{}  {size:>8}  dist/{}", sha256(&file.contents), file.name);
        }
        for left_out in &self.left_out {
            let _ = writeln!(text, "left out: {left_out}");
        }
        let revision = match &self.revision {
            None => "none, because these sources have no git history".to_owned(),
            Some(revision) if revision.ends_with("-dirty") => {
                format!("{revision}: there are uncommitted changes, do not publish this")
            }
            Some(revision) => revision.clone(),
        };
        let _ = write!(text, "revision: {revision}");
        text
    }
}

fn component(root: &Path) -> Result<Vec<u8>, String> {
    let paths = build::build(root, &root.join("target/component"), &[CONNECTOR])?;
    read(paths.first().ok_or("cargo built no component")?)
}

/// The connector, composed with the egress that confines it, and the bill of that.
fn confined(
    root: &Path,
    package: &Package,
    component: &[u8],
    revision: Option<&str>,
) -> Result<[File; 2], String> {
    let directory = root.join("target/confined");
    let [connector, composed] =
        ["connector.wasm", "composed.wasm"].map(|name| directory.join(name));
    let written = fs::create_dir_all(&directory).and_then(|()| fs::write(&connector, component));
    written.map_err(|error| format!("{} cannot be written: {error}", directory.display()))?;
    build::confine(root, &[connector.as_os_str(), composed.as_os_str()])?;
    let contents = described(read(&composed)?, package, revision);
    let parts: Vec<&str> = [CONNECTOR].into_iter().chain(CONFINING).collect();
    let dependencies = Dependencies::read(root, &parts, build::TARGET)?;
    let dependencies = dependencies.composed(&package.name, &package.version, &parts);
    let bill = sbom(&package.stem(), package, &contents, &dependencies);
    Ok([File { name: format!("{}.wasm", package.stem()), contents }, bill])
}

/// The component with the metadata that registries show.
fn described(mut component: Vec<u8>, package: &Package, revision: Option<&str>) -> Vec<u8> {
    ComponentMetadata {
        name: &package.name,
        version: &package.version,
        description: &package.description,
        licenses: &package.license,
        source: &package.repository,
        homepage: &package.homepage,
        revision,
    }
    .append_to(&mut component);
    component
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
}

fn contract(package: &Package, revision: Option<&str>) -> File {
    let mut contents = contract::ENCODED.to_vec();
    ComponentMetadata {
        name: "rawdash:connector",
        version: contract::VERSION,
        description: contract::DESCRIPTION,
        licenses: &package.license,
        source: &package.repository,
        homepage: &package.homepage,
        revision,
    }
    .append_to(&mut contents);
    File { name: format!("rawdash-connector-{}.wasm", contract::VERSION), contents }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_left_out_package_and_uncommitted_changes_are_reported() {
        let release = Release {
            files: Vec::new(),
            revision: Some("abc-dirty".to_owned()),
            left_out: vec!["the npm package (why)".to_owned()],
        };
        let summary = release.summary();
        assert!(summary.contains("left out: the npm package (why)"), "{summary}");
        assert!(summary.contains("abc-dirty: there are uncommitted changes"), "{summary}");
    }
}
