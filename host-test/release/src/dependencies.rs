//! The crates that are linked into what is released, as cargo resolves them for a
//! target and its features, without those that run only during the build (build scripts
//! and procedural macros).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use crate::command;
use component_build as build;

/// A crate, by name and version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CrateId {
    pub(crate) name: String,
    pub(crate) version: String,
}

/// The data of a crate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Crate {
    /// An SPDX expression; empty if its manifest has none.
    pub(crate) license: String,
    /// The URL of its source; empty if its manifest has none.
    pub(crate) repository: String,
    /// The SHA-256 of its archive, if it is from a registry.
    pub(crate) checksum: Option<String>,
    /// The crates that it uses.
    pub(crate) uses: BTreeSet<CrateId>,
}

/// Crates and their dependencies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dependencies {
    pub(crate) crates: BTreeMap<CrateId, Crate>,
    /// The version of the standard library, which is that of the toolchain.
    pub(crate) std_version: String,
}

impl Dependencies {
    /// Reads those of the packages from cargo, `Cargo.lock` and rustc.
    pub(crate) fn read(
        root: &Path,
        packages: &[&str],
        target: &str,
    ) -> Result<Dependencies, String> {
        let mut cargo = build::cargo(root);
        cargo.args(["tree", "--locked", "--target", target]);
        cargo.args(packages.iter().flat_map(|package| ["--package", package]));
        cargo.args(["--edges", "normal,no-proc-macro", "--prefix", "depth"]);
        cargo.args(["--charset", "ascii", "--format", "\t{p}\t{l}\t{r}\t"]);
        let mut crates = tree(&command::output(&mut cargo)?)?;
        let lock = std::fs::read_to_string(root.join("Cargo.lock"))
            .map_err(|error| format!("Cargo.lock cannot be read: {error}"))?;
        for (id, checksum) in checksums(&lock)? {
            if let Some(found) = crates.get_mut(&id) {
                found.checksum = Some(checksum);
            }
        }
        // "rustc 1.95.0 (59807616e 2026-04-14)"
        let version = build::rustc(root, &["--version"])?;
        let std_version = version.split(' ').nth(1).ok_or("rustc does not report its version")?;
        Ok(Dependencies { crates, std_version: std_version.to_owned() })
    }

    /// Those of a component that is composed of these packages, all of one version.
    pub(crate) fn composed(mut self, name: &str, version: &str, packages: &[&str]) -> Self {
        let id = |name: &str| CrateId { name: name.to_owned(), version: version.to_owned() };
        let uses = packages.iter().map(|package| id(package)).collect();
        self.crates.insert(id(name), Crate { uses, ..Crate::default() });
        self
    }
}

/// Reads the lines `DEPTH\tNAME vVERSION …\tLICENSE\tREPOSITORY\t…`. A repeated crate
/// is listed without its dependencies.
fn tree(text: &str) -> Result<BTreeMap<CrateId, Crate>, String> {
    let mut crates: BTreeMap<CrateId, Crate> = BTreeMap::new();
    let mut above: Vec<CrateId> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let (depth, id, license, repository) =
            fields(line).ok_or_else(|| format!("unexpected output of `cargo tree`: {line}"))?;
        above.truncate(depth);
        if let Some(user) = above.last().and_then(|user| crates.get_mut(user)) {
            user.uses.insert(id.clone());
        }
        let found = crates.entry(id.clone()).or_default();
        license.clone_into(&mut found.license);
        repository.clone_into(&mut found.repository);
        above.push(id);
    }
    Ok(crates)
}

fn fields(line: &str) -> Option<(usize, CrateId, &str, &str)> {
    let mut fields = line.split('\t');
    let depth = fields.next()?.parse().ok()?;
    let mut package = fields.next()?.split(' ');
    let name = package.next()?.to_owned();
    let version = package.next()?.strip_prefix('v')?.to_owned();
    Some((depth, CrateId { name, version }, fields.next()?, fields.next()?))
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

fn checksums(lock: &str) -> Result<Vec<(CrateId, String)>, String> {
    let lock: Lock =
        toml::from_str(lock).map_err(|error| format!("Cargo.lock cannot be parsed: {error}"))?;
    let known = lock.package.into_iter().filter_map(|package| {
        Some((CrateId { name: package.name, version: package.version }, package.checksum?))
    });
    Ok(known.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::CONNECTOR;

    fn id(name: &str, version: &str) -> CrateId {
        CrateId { name: name.to_owned(), version: version.to_owned() }
    }

    #[test]
    fn a_crate_that_two_use_is_listed_once_and_used_by_both() {
        let crates = tree(
            "0\troot v0.1.0 (/some/where)\tMIT\thttps://r.example\t\n\
             1\ta v1.0.0\tMIT\t\t\n\
             2\tb v2.0.0+x\tZlib\t\t\n\
             1\tb v2.0.0+x\tZlib\t\t (*)\n",
        )
        .unwrap();
        let b = id("b", "2.0.0+x");
        assert_eq!(crates.len(), 3);
        assert_eq!(crates[&id("a", "1.0.0")].uses, BTreeSet::from([b.clone()]));
        assert_eq!(
            crates[&id("root", "0.1.0")].uses,
            BTreeSet::from([id("a", "1.0.0"), b.clone()])
        );
        assert_eq!(crates[&b].license, "Zlib");
    }

    #[test]
    fn a_composed_component_lists_the_crates_of_all_its_parts() {
        let parts = tree(
            "0\tone v0.1.0 (/some/where)\tMIT\t\t\n\
             1\ta v1.0.0\tMIT\t\t\n\
             \n\
             0\tother v0.1.0 (/some/where)\tMIT\t\t\n\
             1\tb v1.0.0\tMIT\t\t\n",
        )
        .unwrap();
        let parts = Dependencies { crates: parts, std_version: "1".to_owned() };
        let crates = parts.composed("whole", "0.1.0", &["one", "other"]).crates;
        assert_eq!(crates.len(), 5);
        let used = |name: &str| crates[&id(name, "0.1.0")].uses.clone();
        assert_eq!(used("whole"), BTreeSet::from([id("one", "0.1.0"), id("other", "0.1.0")]));
        assert_eq!(used("other"), BTreeSet::from([id("b", "1.0.0")]));
    }

    #[test]
    fn an_unknown_format_of_the_tree_is_an_error() {
        assert!(tree("root v0.1.0\n").is_err());
        assert!(tree("0\troot 0.1.0\tMIT\t\t\n").is_err());
    }

    #[test]
    fn crates_of_the_build_are_not_listed_as_linked_in() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let dependencies = Dependencies::read(&root, &[CONNECTOR], build::TARGET).unwrap();
        let has = |name: &str| dependencies.crates.keys().any(|id| id.name == name);
        assert!(has(CONNECTOR) && has("serde_json") && has("wasip2"));
        for built_with in ["syn", "serde_derive", "wit-parser", "proptest", "wasmtime"] {
            assert!(!has(built_with), "{built_with}");
        }
        // The project's own packages are not from a registry.
        let own = |id: &CrateId| {
            [CONNECTOR, "auth0-connector", "rawdash-connector-sdk", "json-rows"]
                .contains(&id.name.as_str())
        };
        let known = |(id, found): (&CrateId, &Crate)| {
            !found.license.is_empty() && (found.checksum.is_some() || own(id))
        };
        assert!(dependencies.crates.iter().all(known), "{dependencies:#?}");
    }
}
