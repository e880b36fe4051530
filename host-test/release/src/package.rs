//! The `Cargo.toml` of what is released.

use std::path::Path;

use serde::Deserialize;

use crate::command;
use component_build as build;

/// The connector's package.
pub(crate) const CONNECTOR: &str = "rawdash-connector-auth0";

/// The command's package.
pub(crate) const HOST: &str = "rawdash-host-cli";

/// The packages of the components that confine a connector.
pub(crate) const CONFINING: [&str; 2] = ["egress", "egress-pin"];

/// A package, by its `Cargo.toml`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) description: String,
    /// An SPDX expression.
    pub(crate) license: String,
    /// The URL of the source.
    pub(crate) repository: String,
    pub(crate) homepage: String,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<serde_json::Value>,
}

impl Package {
    /// Reads a package.
    pub(crate) fn read(root: &Path, name: &str) -> Result<Package, String> {
        let arguments = ["metadata", "--no-deps", "--locked", "--format-version", "1"];
        let metadata = command::output(build::cargo(root).args(arguments))?;
        Package::find(&metadata, name)
    }

    fn find(metadata: &str, name: &str) -> Result<Package, String> {
        let metadata: Metadata = serde_json::from_str(metadata)
            .map_err(|error| format!("unexpected output of `cargo metadata`: {error}"))?;
        let package = metadata.packages.into_iter().find(|package| package["name"] == name);
        let package = package.ok_or_else(|| format!("there is no package {name}"))?;
        serde_json::from_value(package)
            .map_err(|error| format!("Cargo.toml of {name} lacks a field: {error}"))
    }

    /// The same connector, composed with the egress that confines it.
    pub(crate) fn confined(&self) -> Package {
        let description = format!(
            "{} In any runtime it reaches nothing but the origins of its configuration.",
            self.description
        );
        Package { name: format!("{}-confined", self.name), description, ..self.clone() }
    }

    /// The stem of this version's file names: cargo's name of the component, and the
    /// version.
    pub(crate) fn stem(&self) -> String {
        format!("{}-{}", self.name.replace('-', "_"), self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_field_that_registries_show_is_an_error() {
        let metadata = r#"{"packages":[{"name":"rawdash-connector-auth0","version":"1.2.3",
            "description":"d","license":"MIT","repository":"https://r.example"}]}"#;
        let message = Package::find(metadata, CONNECTOR).unwrap_err();
        assert!(message.contains("homepage"), "{message}");
    }
}
