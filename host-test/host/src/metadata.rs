//! What a component says about itself besides its manifest: the custom sections
//! that a release writes, named after OCI's annotations.

use serde::Serialize;
use wasmparser::{Parser, Payload};

/// The sections that a component has; one that was built and not released has
/// none. Nothing verifies them: the author of the file wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Metadata {
    /// The component's version.
    pub version: Option<String>,
    /// What it is, in one sentence.
    pub description: Option<String>,
    /// An SPDX expression.
    pub licenses: Option<String>,
    /// The URL of the source code.
    pub source: Option<String>,
    /// The URL of the project's page.
    pub homepage: Option<String>,
    /// The commit of the source; with the suffix `-dirty` if it was built from
    /// files that differ from the commit.
    pub revision: Option<String>,
}

impl Metadata {
    /// Reads the sections of the component itself, not of the modules inside it.
    pub(crate) fn read(component: &[u8]) -> Metadata {
        let mut metadata = Metadata::default();
        let mut depth = 0_u32;
        // Bytes that are not a component have no metadata; wasmtime reports the
        // error.
        for payload in Parser::new(0).parse_all(component).map_while(Result::ok) {
            match payload {
                Payload::Version { .. } => depth = depth.saturating_add(1),
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::CustomSection(section) if depth == 1 => {
                    metadata.set(section.name(), section.data());
                }
                _ => {}
            }
        }
        metadata
    }

    fn set(&mut self, name: &str, value: &[u8]) {
        let field = match name {
            "version" => &mut self.version,
            "description" => &mut self.description,
            "licenses" => &mut self.licenses,
            "source" => &mut self.source,
            "homepage" => &mut self.homepage,
            "revision" => &mut self.revision,
            _ => return,
        };
        *field = std::str::from_utf8(value).ok().map(str::to_owned);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
    const MODULE: &[u8] = b"\0asm\x01\0\0\0";

    fn section(id: u8, contents: &[u8]) -> Vec<u8> {
        [&[id, u8::try_from(contents.len()).unwrap()], contents].concat()
    }

    fn custom(name: &str, value: &[u8]) -> Vec<u8> {
        let name_length = [u8::try_from(name.len()).unwrap()];
        section(0, &[&name_length, name.as_bytes(), value].concat())
    }

    #[test]
    fn a_module_inside_does_not_speak_for_the_component() {
        let module = section(1, &[MODULE, &custom("revision", b"inner")].concat());
        let component =
            [COMPONENT, &custom("revision", b"outer"), &module, &custom("other", b"x")].concat();
        let expected = Metadata { revision: Some("outer".to_owned()), ..Metadata::default() };
        assert_eq!(Metadata::read(&component), expected);
    }

    #[test]
    fn sections_that_are_not_utf8_and_bytes_that_are_not_a_component_have_no_metadata() {
        let component = [COMPONENT, &custom("version", b"\xff")].concat();
        assert_eq!(Metadata::read(&component), Metadata::default());
        assert_eq!(Metadata::read(b"\0asm"), Metadata::default());
        assert_eq!(Metadata::read(b""), Metadata::default());
    }
}
