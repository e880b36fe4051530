//! SHA-256, and the file that `sha256sum -c` reads.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::file::File;

/// The name of that file.
pub(crate) const FILE: &str = "SHA256SUMS";

/// The hash, in hexadecimal.
pub(crate) fn sha256(contents: &[u8]) -> String {
    Sha256::digest(contents).iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The checksums of all files, sorted by name.
pub(crate) fn checksums(files: &[File]) -> File {
    let mut lines: Vec<String> =
        files.iter().map(|file| format!("{}  {}\n", sha256(&file.contents), file.name)).collect();
    lines.sort_by(|a, b| a.get(64..).cmp(&b.get(64..)));
    File { name: FILE.to_owned(), contents: lines.concat().into_bytes() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_of_the_contents_and_by_name() {
        let file = |name: &str, contents: &str| File {
            name: name.to_owned(),
            contents: contents.as_bytes().to_vec(),
        };
        let sums = checksums(&[file("b", "abc"), file("a", "")]).contents;
        // From FIPS 180-2 and `sha256sum /dev/null`.
        let expected = "\
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a
ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b
";
        assert_eq!(String::from_utf8(sums).unwrap(), expected);
    }
}
