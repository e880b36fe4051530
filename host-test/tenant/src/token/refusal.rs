//! How the Management API refuses a token.

use crate::http::Answer;

/// The message of a 401 for an expired token.
pub(crate) const EXPIRED: &str = "Expired token received for JSON Web Token validation";
/// The message of a 401 for a revoked token.
pub(crate) const REVOKED: &str = "Invalid signature received for JSON Web Token validation";

/// The 403 for a token that has none of these scopes.
pub(crate) fn insufficient_scope(scopes: &[&str]) -> Answer {
    Answer::error(
        403,
        Some("insufficient_scope"),
        &format!("Insufficient scope, expected any of: {}", scopes.join(",")),
    )
}
