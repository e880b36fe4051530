//! What a WebAssembly file tells of itself: a custom section for each of
//! OCI's annotations, as `wasm-tools metadata` and registries read them.

use wasm_encoder::{ComponentNameSection, ComponentSection, CustomSection};

/// What is told. The names are the sections'.
#[derive(Debug)]
pub(crate) struct ComponentMetadata<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    pub(crate) description: &'a str,
    /// An SPDX expression.
    pub(crate) licenses: &'a str,
    /// Where the source is.
    pub(crate) source: &'a str,
    pub(crate) homepage: &'a str,
    /// The commit, where it is known.
    pub(crate) revision: Option<&'a str>,
}

impl ComponentMetadata<'_> {
    /// Appends the sections to a component. Sections after the last that means
    /// something change nothing of what it does.
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
