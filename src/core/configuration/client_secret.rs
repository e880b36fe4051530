//! The client secret.

use std::fmt;

/// The client secret. It has no `Display`, and its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientSecret(String);

impl ClientSecret {
    /// A secret's value.
    pub fn new(value: &str) -> ClientSecret {
        ClientSecret(value.to_owned())
    }

    /// The secret itself, for the token request alone.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(hidden)")
    }
}
