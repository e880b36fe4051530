//! Whether a publication may replace what is stored.

use rawdash_host::contract::{Publication, Window};
use rawdash_host::storage::StorageError;

use crate::actions::Statement;

/// The statements that count what a publication concerns.
#[derive(Clone, Debug)]
pub struct Check<'a> {
    pub(crate) publication: &'a Publication,
    /// Counts the rows that it replaces.
    pub stored: Statement<'a>,
    /// Counts the staged rows that lie outside of its window, if it has one.
    pub outside: Option<Statement<'a>>,
    /// Counts the staged rows.
    pub staged: Statement<'a>,
}

/// How many rows a publication concerns.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    /// Rows that it replaces.
    pub stored: u64,
    /// Staged rows that lie outside of its window.
    pub outside: u64,
    /// Staged rows.
    pub staged: u64,
}

impl Check<'_> {
    /// Judges the publication by what its statements counted.
    ///
    /// # Errors
    /// [`StorageError::StagedOutside`]; [`StorageError::EmptyReplacement`] if it would
    /// replace rows by none and does not say that this is true.
    pub fn judge(&self, resource: &str, counts: Counts) -> Result<(), StorageError> {
        judge(self.publication, resource, counts)
    }
}

/// The window that it replaces: its own, or everything.
pub(crate) fn window(publication: &Publication) -> Window {
    publication.scope.unwrap_or(Window { start: i64::MIN, end: i64::MAX })
}

pub(crate) fn judge(
    publication: &Publication,
    resource: &str,
    Counts { stored, outside, staged }: Counts,
) -> Result<(), StorageError> {
    let resource = resource.to_owned();
    if outside > 0 {
        return Err(StorageError::StagedOutside { resource });
    }
    if staged == 0 && stored > 0 && !publication.empty_is_true {
        return Err(StorageError::EmptyReplacement { resource, stored });
    }
    Ok(())
}
