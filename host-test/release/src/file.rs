//! A file of a release.

/// A file for `dist/`.
#[derive(Debug)]
pub(crate) struct File {
    /// Its name, without a directory.
    pub(crate) name: String,
    pub(crate) contents: Vec<u8>,
}
