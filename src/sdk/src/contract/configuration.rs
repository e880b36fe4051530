//! What `configure` takes and returns.

use crate::config::Issue;
use crate::contract::manifest::ResourceInfo;

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
