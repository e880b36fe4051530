//! The metadata in a WebAssembly file: a custom section for each of OCI's
//! annotations, as `wasm-tools metadata` and registries read them.

use wasm_encoder::{ComponentNameSection, ComponentSection, CustomSection};

/// The metadata. The fields are named like the sections.
#[derive(Debug)]
pub(crate) struct ComponentMetadata<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    pub(crate) description: &'a str,
    /// An SPDX expression.
    pub(crate) licenses: &'a str,
    /// The URL of the source.
    pub(crate) source: &'a str,
    pub(crate) homepage: &'a str,
    /// The commit, if it is known.
    pub(crate) revision: Option<&'a str>,
}

impl ComponentMetadata<'_> {
    /// Appends the sections to a component, which does not change what it does.
    pub(crate) fn append_to(&self, component: &mut Vec<u8>) {
        let mut names = ComponentNameSection::new();
        names.component(self.name);
        names.append_to_component(component);
        let sections = [
            ("version", Some(self.version)),
            ("description", Some(self.description)),
            ("licenses", Some(self.licenses)),
            ("source", Some(self.source)),
            ("homepage", Some(self.homepage)),
            ("revision", self.revision),
        ];
        for (name, value) in sections {
            let Some(value) = value else { continue };
            let data = value.as_bytes().into();
            CustomSection { name: name.into(), data }.append_to_component(component);
        }
    }
}
