//! Replacing a file: at any moment it is the old one or the new one.

#[cfg(unix)]
use std::fs::Permissions;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// Who may read the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everybody, whatever the process's umask is.
    Everybody,
    /// Who could read the old one; of a first one, whom the umask permits.
    Unchanged,
}

/// Writes a file, or puts it in the place of the one that is there. A device or a pipe,
/// such as `/dev/stdout`, gets the content.
///
/// # Errors
/// When it cannot be written; then the old one stays.
pub(crate) fn replace(path: &Path, content: &[u8], access: Access) -> io::Result<()> {
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return std::fs::write(path, content);
    }
    // A link to the file stays one.
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut file = new_file(directory)?;
    file.write_all(content)?;
    match access {
        Access::Everybody => readable(file.as_file())?,
        Access::Unchanged => {
            if let Ok(old) = std::fs::metadata(path) {
                file.as_file().set_permissions(old.permissions())?;
            }
        }
    }
    // Otherwise the file could be empty after the machine has lost power.
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// A file with the permissions of any new one, not those of a secret.
#[cfg(unix)]
fn new_file(directory: &Path) -> io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    tempfile::Builder::new().permissions(Permissions::from_mode(0o666)).tempfile_in(directory)
}

#[cfg(not(unix))]
fn new_file(directory: &Path) -> io::Result<NamedTempFile> {
    NamedTempFile::new_in(directory)
}

#[cfg(unix)]
fn readable(file: &std::fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &std::fs::File) -> io::Result<()> {
    Ok(())
}
