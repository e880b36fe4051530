//! What rawdash wants: records of its shapes, and how rows of Auth0 become
//! them. Nothing here knows how a run proceeds.

pub mod daily_active_users;
pub mod login_event;
pub mod record;
pub mod user;

use serde::Serialize;

/// Attributes as rawdash stores them: a JSON object, as text.
fn json(attributes: &impl Serialize) -> String {
    // Attributes are structs of texts, numbers and flags: writing one to memory
    // cannot fail, and an empty object keeps even that a legal record.
    serde_json::to_string(attributes).unwrap_or_else(|_| "{}".to_owned())
}

#[cfg(test)]
mod reference;
