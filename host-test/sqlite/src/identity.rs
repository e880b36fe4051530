//! Whether the file that is open is still the one at its path.

use std::io;
use std::path::Path;

/// The identity of a file.
///
/// Unix lets a file be removed or replaced while it is open. Anything written after
/// that is lost, and SQLite does not report it.
#[cfg(unix)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
}

#[cfg(unix)]
impl Identity {
    /// The identity of the file at `path`.
    pub(super) fn of(path: &Path) -> io::Result<Identity> {
        use std::os::unix::fs::MetadataExt;
        let file = std::fs::metadata(path)?;
        Ok(Identity { device: file.dev(), inode: file.ino() })
    }
}

/// Other systems do not let an open file be removed.
#[cfg(not(unix))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity;

#[cfg(not(unix))]
impl Identity {
    /// The identity of the file at `path`.
    pub(super) fn of(_: &Path) -> io::Result<Identity> {
        Ok(Identity)
    }
}
