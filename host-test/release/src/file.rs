//! A file of a release.

/// A file as it is to lie in `dist/`.
#[derive(Debug)]
pub(crate) struct File {
    /// Its name, without a directory.
    pub(crate) name: String,
    pub(crate) contents: Vec<u8>,
}
