//! The input of a sync, all of it values.

use std::time::Duration;

use crate::contract::{Request, Secret};
use crate::origins::Route;
use crate::sandbox::Limits;
use crate::transport::Roots;

/// A connector's configuration, and what an instance under it may use.
#[derive(Clone, Default)]
pub struct Settings {
    /// The connector's configuration, as JSON.
    pub configuration: String,
    /// The secrets that the configuration names.
    pub secrets: Vec<Secret>,
    /// Servers on this machine that replace origins.
    pub routes: Vec<Route>,
    /// The certificate authorities to trust.
    pub roots: Roots,
    /// What the instance may use.
    pub limits: Limits,
}

/// The options of one sync.
#[derive(Clone, Debug, PartialEq)]
pub struct SyncOptions {
    /// Mode, start and resources.
    pub request: Request,
    /// The longest single wait; a longer one ends the sync.
    pub max_wait: Duration,
}
