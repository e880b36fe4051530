//! The origins that were accepted for a connector.

use crate::contract::About;
use crate::storage::{Storage, StorageError};

/// What became of the origins that a component declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acceptance {
    /// All of them had been accepted.
    Known,
    /// These are new. All that it declares are now remembered, and no others.
    Remembered(Vec<String>),
    /// These are new, and nobody has accepted them.
    Refused(Vec<String>),
}

/// Remembers the origins that a component may reach, and refuses one that declares others
/// than before unless `accepted`: an update must not widen its access silently. At the
/// first sync there is nothing to compare with.
///
/// # Errors
/// Those of the storage.
pub async fn accept_origins(
    storage: &mut dyn Storage,
    about: &About,
    accepted: bool,
) -> Result<Acceptance, StorageError> {
    let remembered = storage.origins().await?;
    let new = about.origins.iter().filter(|origin| !remembered.contains(origin));
    let new: Vec<String> = new.cloned().collect();
    if new.is_empty() {
        return Ok(Acceptance::Known);
    }
    if !remembered.is_empty() && !accepted {
        return Ok(Acceptance::Refused(new));
    }
    storage.remember_origins(&about.origins).await?;
    Ok(Acceptance::Remembered(new))
}
