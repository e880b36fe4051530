//! What `configure` takes and returns.

use std::fmt;

use crate::contract::manifest::ResourceInfo;

/// A secret, under the name that the configuration refers to. Its `Debug` hides
/// the value.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// The name in `{"$secret": "NAME"}`.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({}, hidden)", self.name)
    }
}

/// One error of a configuration: its location and a fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// JSON Pointer into the configuration.
    pub path: String,
    /// One sentence.
    pub message: String,
}

/// Why `configure` failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigureError {
    /// Every error of the configuration.
    Configuration(Vec<Issue>),
    /// Why the checkpoint is refused, and what to do.
    Checkpoint(String),
}

/// What a configuration amounts to.
#[derive(Clone, Debug, PartialEq)]
pub struct Configured {
    /// The resources that it allows.
    pub resources: Vec<ResourceInfo>,
    /// The origins that requests go to.
    pub origins: Vec<String>,
}
