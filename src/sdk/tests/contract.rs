//! The contract that the crate carries.

use std::path::{Path, PathBuf};
use std::{fs, io};

fn files(root: &Path) -> io::Result<Vec<(PathBuf, String)>> {
    let mut files = Vec::new();
    let mut directories = vec![root.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            if path.is_dir() {
                directories.push(path);
            } else {
                let name = path.strip_prefix(root).map_err(io::Error::other)?.to_owned();
                files.push((name, fs::read_to_string(&path)?));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The crate has a copy, because a package cannot read files outside of it. A
/// connector that is built from an outdated copy would be refused by every host.
#[test]
fn the_contract_of_the_crate_is_the_contract() -> io::Result<()> {
    let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (own, original) = (files(&crate_root.join("wit"))?, files(&crate_root.join("../../wit"))?);
    assert!(!own.is_empty());
    assert!(own == original, "copy `wit` to `src/sdk/wit`: they differ");
    Ok(())
}
