//! The software bill of materials: CycloneDX 1.5, as JSON. It has no serial number
//! and no time, both optional in the format, because they would differ in every
//! build.

use serde_json::{Value, json};

use crate::checksums::sha256;
use crate::dependencies::{Crate, CrateId, Dependencies};
use crate::file::File;
use crate::package::Package;

const STD: &str = "rust-std";

/// The bill of a file with these dependencies. `stem` is that of the bill's own name.
pub(crate) fn sbom(
    stem: &str,
    package: &Package,
    contents: &[u8],
    dependencies: &Dependencies,
) -> File {
    let own = CrateId { name: package.name.clone(), version: package.version.clone() };
    let mut components: Vec<Value> = dependencies
        .crates
        .iter()
        .filter(|(id, _)| **id != own)
        .map(|(id, linked)| library(id, linked))
        .collect();
    components.push(standard_library(&dependencies.std_version));
    let mut graph: Vec<Value> = dependencies
        .crates
        .iter()
        .map(|(id, linked)| {
            let mut uses: Vec<String> = linked.uses.iter().map(reference).collect();
            // Whether a single crate uses the standard library depends on features;
            // the whole does.
            if *id == own {
                uses.push(std_reference(&dependencies.std_version));
            }
            json!({ "ref": reference(id), "dependsOn": uses })
        })
        .collect();
    graph.push(json!({ "ref": std_reference(&dependencies.std_version), "dependsOn": [] }));
    let bill = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": {
            "type": "application",
            "bom-ref": reference(&own),
            "name": package.name,
            "version": package.version,
            "description": package.description,
            "licenses": [{ "expression": package.license }],
            "hashes": [hash(&sha256(contents))],
            "externalReferences": source(&package.repository),
        } },
        "components": components,
        "dependencies": graph,
    });
    File { name: format!("{stem}.cdx.json"), contents: format!("{bill:#}\n").into_bytes() }
}

fn library(id: &CrateId, linked: &Crate) -> Value {
    let mut library = json!({
        "type": "library",
        "bom-ref": reference(id),
        "name": id.name,
        "version": id.version,
        "purl": reference(id),
    });
    let mut set = |key: &str, value: Value| {
        if let Some(members) = library.as_object_mut() {
            members.insert(key.to_owned(), value);
        }
    };
    if !linked.license.is_empty() {
        set("licenses", json!([{ "expression": linked.license }]));
    }
    if let Some(checksum) = &linked.checksum {
        set("hashes", json!([hash(checksum)]));
    }
    if !linked.repository.is_empty() {
        set("externalReferences", source(&linked.repository));
    }
    library
}

fn standard_library(version: &str) -> Value {
    json!({
        "type": "library",
        "bom-ref": std_reference(version),
        "name": STD,
        "version": version,
        "licenses": [{ "expression": "MIT OR Apache-2.0" }],
        "purl": std_reference(version),
        "externalReferences": source("https://github.com/rust-lang/rust"),
    })
}

/// The crate's package URL, which identifies it.
fn reference(id: &CrateId) -> String {
    // `+` is the only character of names and versions that needs encoding.
    format!("pkg:cargo/{}@{}", id.name, id.version.replace('+', "%2B"))
}

fn std_reference(version: &str) -> String {
    format!("pkg:generic/{STD}@{version}")
}

fn hash(sha256: &str) -> Value {
    json!({ "alg": "SHA-256", "content": sha256 })
}

fn source(repository: &str) -> Value {
    json!([{ "type": "vcs", "url": repository }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::{CONNECTOR, HOST};
    use component_build::TARGET;
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    fn bill(dependencies: &Dependencies) -> Value {
        let package = Package {
            name: "own".to_owned(),
            version: "0.1.0".to_owned(),
            description: "d".to_owned(),
            license: "MIT".to_owned(),
            repository: "https://r.example".to_owned(),
            homepage: "https://h.example".to_owned(),
        };
        serde_json::from_slice(&sbom("own", &package, b"abc", dependencies).contents).unwrap()
    }

    fn id(name: &str, version: &str) -> CrateId {
        CrateId { name: name.to_owned(), version: version.to_owned() }
    }

    /// Checks what CycloneDX 1.5 requires of each object, and that references
    /// resolve.
    fn check(bill: &Value) {
        assert_eq!(
            (&bill["bomFormat"], &bill["specVersion"]),
            (&json!("CycloneDX"), &json!("1.5"))
        );
        let own = &bill["metadata"]["component"];
        let components = bill["components"].as_array().unwrap();
        let mut references = BTreeSet::new();
        for component in components.iter().chain([own]) {
            let kind = component["type"].as_str().unwrap();
            assert!(["application", "library"].contains(&kind));
            assert!(!component["name"].as_str().unwrap().is_empty());
            assert!(references.insert(component["bom-ref"].as_str().unwrap()), "{component}");
            for hash in component["hashes"].as_array().into_iter().flatten() {
                let content = hash["content"].as_str().unwrap();
                assert!(content.len() == 64 && hash["alg"] == "SHA-256", "{hash}");
            }
            let licenses = component["licenses"].as_array();
            assert!(licenses.is_none_or(|all| all.len() == 1 && all[0]["expression"].is_string()));
            for outside in component["externalReferences"].as_array().into_iter().flatten() {
                assert!(outside["url"].is_string() && outside["type"] == "vcs", "{outside}");
            }
        }
        let mut listed = BTreeSet::new();
        for node in bill["dependencies"].as_array().unwrap() {
            assert!(listed.insert(node["ref"].as_str().unwrap()), "{node}");
            for used in node["dependsOn"].as_array().unwrap() {
                assert!(references.contains(used.as_str().unwrap()), "{used}");
            }
        }
        assert_eq!(listed, references);
    }

    #[test]
    fn a_crate_without_licence_repository_or_checksum_has_no_empty_member() {
        let mut crates = BTreeMap::new();
        let linked = id("a", "1.0.0+x");
        let uses = BTreeSet::from([linked.clone()]);
        crates.insert(id("own", "0.1.0"), Crate { uses, ..Crate::default() });
        crates.insert(linked, Crate::default());
        let bill = bill(&Dependencies { crates, std_version: "1.95.0".to_owned() });
        check(&bill);
        let expected = json!({
            "type": "library", "bom-ref": "pkg:cargo/a@1.0.0%2Bx", "name": "a",
            "version": "1.0.0+x", "purl": "pkg:cargo/a@1.0.0%2Bx",
        });
        assert_eq!(bill["components"][0], expected);
        let own = &bill["metadata"]["component"]["hashes"][0]["content"];
        assert!(own.as_str().unwrap().starts_with("ba7816bf"), "{own}");
    }

    #[test]
    fn the_bills_of_the_connector_and_the_command_are_complete() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for (name, target) in [(CONNECTOR, TARGET), (HOST, "x86_64-unknown-linux-musl")] {
            let package = Package::read(&root, name).unwrap();
            let dependencies = Dependencies::read(&root, &[name], target).unwrap();
            let bill: Value =
                serde_json::from_slice(&sbom("own", &package, b"", &dependencies).contents)
                    .unwrap();
            check(&bill);
            // All crates except its own, plus the standard library.
            assert_eq!(bill["components"].as_array().unwrap().len(), dependencies.crates.len());
        }
    }
}
