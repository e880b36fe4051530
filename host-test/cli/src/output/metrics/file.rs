//! The file that a collector reads.

#[cfg(unix)]
use std::fs::Permissions;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use super::EndedSync;
use super::successes::Successes;
use rawdash_host::failure::{FailureReport, HostKind};

/// Writes the figures of a sync: the file is the old one or the new one at any moment,
/// and everybody may read it.
///
/// # Errors
/// When it cannot be written; then the old one stays.
pub(crate) fn write(path: &Path, sync: &EndedSync<'_>) -> Result<(), FailureReport> {
    let earlier = std::fs::read_to_string(path).unwrap_or_default();
    let text = sync.text(Successes::parse(&earlier, sync.connector));
    replace(path, text.as_bytes()).map_err(|error| {
        let message = format!(
            "the metrics cannot be written to {} ({error}): check that its directory exists and \
             is writable, and make room",
            path.display()
        );
        FailureReport::new(HostKind::Output, message)
    })
}

fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut file = NamedTempFile::new_in(directory)?;
    file.write_all(content)?;
    // Otherwise the file could be empty after the machine has lost power.
    file.as_file().sync_all()?;
    readable(file.as_file())?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Whatever the process's umask is: a collector is another user.
#[cfg(unix)]
fn readable(file: &std::fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &std::fs::File) -> io::Result<()> {
    Ok(())
}
