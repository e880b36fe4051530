//! The file that a collector reads.

use std::path::Path;

use super::EndedSync;
use super::successes::Successes;
use crate::output::replacement::{Access, replace};
use rawdash_host::failure::{FailureReport, HostKind};

/// Writes the figures of a sync. The collector that reads them is another user.
///
/// # Errors
/// When it cannot be written; then the old one stays.
pub(crate) fn write(path: &Path, sync: &EndedSync<'_>) -> Result<(), FailureReport> {
    let earlier = std::fs::read_to_string(path).unwrap_or_default();
    let text = sync.text(Successes::parse(&earlier, sync.connector));
    replace(path, text.as_bytes(), Access::Everybody).map_err(|error| {
        let message = format!(
            "the metrics cannot be written to {} ({error}): check that its directory exists and \
             is writable, and make room",
            path.display()
        );
        FailureReport::new(HostKind::Output, message)
    })
}
