//! The contract as a file of its own: the WIT package, in the form that registries
//! accept.

/// The package `rawdash:connector`, encoded from `wit/` when this was built.
pub(crate) const ENCODED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/contract.wasm"));

/// The package's version.
pub(crate) const VERSION: &str = env!("CONTRACT_VERSION");

/// The package, in one sentence.
pub(crate) const DESCRIPTION: &str = "The contract between rawdash and its connectors, in WIT.";

#[cfg(test)]
mod tests {
    const SOURCE: &str = include_str!(concat!(env!("OUT_DIR"), "/source.wit"));
    const READ: &str = include_str!(concat!(env!("OUT_DIR"), "/read.wit"));

    #[test]
    fn the_encoded_contract_equals_the_text() {
        assert_eq!(READ, SOURCE);
    }

    #[test]
    fn the_encoded_contract_keeps_every_line_of_documentation() {
        let files = [
            include_str!("../../../wit/check.wit"),
            include_str!("../../../wit/connector.wit"),
            include_str!("../../../wit/manifest.wit"),
            include_str!("../../../wit/shapes.wit"),
            include_str!("../../../wit/world.wit"),
        ];
        let lines = files.iter().flat_map(|file| file.lines()).map(str::trim);
        let documentation: Vec<&str> = lines.filter(|line| line.starts_with("///")).collect();
        assert!(documentation.len() > 100, "{documentation:?}");
        for line in documentation {
            assert!(READ.contains(line), "{line}");
        }
    }
}
