//! Whether the file that is open is still the one at its path.

use std::io;
use std::path::Path;

/// What tells a file from every other.
///
/// Unix lets a file be removed or replaced while it is open. What is written
/// from then on is in no file that anybody could open again, and SQLite does
/// not say so.
#[cfg(unix)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
}

#[cfg(unix)]
impl Identity {
    /// That of the file at `path`.
    pub(super) fn of(path: &Path) -> io::Result<Identity> {
        use std::os::unix::fs::MetadataExt;
        let file = std::fs::metadata(path)?;
        Ok(Identity { device: file.dev(), inode: file.ino() })
    }
}

/// Elsewhere an open file keeps its place.
#[cfg(not(unix))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity;

#[cfg(not(unix))]
impl Identity {
    /// That of the file at `path`.
    pub(super) fn of(_: &Path) -> io::Result<Identity> {
        Ok(Identity)
    }
}
