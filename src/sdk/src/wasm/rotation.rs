//! Secrets that the source replaces.

use super::bindings::rotation::rawdash::connector::secrets;
use crate::config::Secret;
use crate::contract::failure::{Failure, FailureKind};

/// What a component does with a secret that its source replaced.
pub trait Rotation: 'static {
    /// Keeps the new secret.
    fn keep(secret: &Secret) -> Result<(), Failure>;
}

/// For connectors whose secrets stay as they are: they import nothing.
pub struct NoRotation;

impl Rotation for NoRotation {
    fn keep(secret: &Secret) -> Result<(), Failure> {
        let message = format!(
            "The source replaced the secret `{}`, which this connector does not expect. Report this: it has to export itself with `rotates secrets`.",
            secret.name()
        );
        Err(Failure::new(FailureKind::Upstream, message))
    }
}

/// For connectors with refresh tokens that are replaced with each use: they
/// import `rawdash:connector/secrets`.
pub struct KeepsSecrets;

impl Rotation for KeepsSecrets {
    fn keep(secret: &Secret) -> Result<(), Failure> {
        secrets::replace(secret.name(), secret.reveal()).map_err(|said| {
            let message = format!(
                "The source replaced the secret `{0}`, and the host could not store the new one. This instance holds it and offers it again with each call; once the instance is dropped, obtain a new `{0}` where the source refuses the old one. The host says: {said}",
                secret.name()
            );
            Failure::new(FailureKind::Denied, message)
        })
    }
}
