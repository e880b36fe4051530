//! A secret's value.

use std::fmt;

/// A secret. It has no `Display`, and its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    name: String,
    value: String,
}

impl Secret {
    /// The secret of a name.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Secret {
        Secret { name: name.into(), value: value.into() }
    }

    /// The name under which the host keeps it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The secret itself, for a request alone.
    pub fn reveal(&self) -> &str {
        &self.value
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({}, hidden)", self.name)
    }
}
