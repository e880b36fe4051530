//! The input of a sync, all of it values.

use std::time::Duration;

use crate::contract::{Mode, Request, ResourceInfo, Secret, Want};
use crate::origins::Route;
use crate::sandbox::Limits;
use crate::transport::Network;

/// A connector's configuration, and what an instance under it may use.
#[derive(Clone, Default)]
pub struct Settings {
    /// The connector's configuration, as JSON.
    pub configuration: String,
    /// The secrets that the configuration names.
    pub secrets: Vec<Secret>,
    /// Servers on this machine that replace origins.
    pub routes: Vec<Route>,
    /// The network between this machine and the origins.
    pub network: Network,
    /// What the instance may use.
    pub limits: Limits,
}

/// The options of one sync.
#[derive(Clone, Debug, PartialEq)]
pub struct SyncOptions {
    /// Resources, mode and beginning.
    pub request: Selection,
    /// The longest single wait; a longer one ends the sync.
    pub max_wait: Duration,
    /// The time after which the sync stops between two steps and leaves the rest to
    /// the next; `None` for as long as it takes. However short it is, something is
    /// stored. The next slice requests [what is left](crate::report::Report::left) in
    /// mode `auto`; one that requests everything again also reads what has changed since.
    pub budget: Option<Duration>,
}

/// The same wish for several resources. The default is everything that the
/// configuration allows, in mode `auto`, without a bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// How much of each is read.
    pub mode: Mode,
    /// Nothing older is wanted, in Unix milliseconds.
    pub since: Option<i64>,
    /// Names in storage. Empty: all that the configuration allows.
    pub resources: Vec<String>,
}

impl Default for Selection {
    fn default() -> Selection {
        Selection { mode: Mode::Auto, since: None, resources: Vec::new() }
    }
}

impl Selection {
    /// Everything that the configuration allows, in this mode.
    pub fn all(mode: Mode) -> Selection {
        Selection { mode, ..Selection::default() }
    }

    /// The request to a connector whose configuration allows these resources.
    pub fn request(&self, allowed: &[ResourceInfo]) -> Request {
        if *self == Selection::default() {
            return Request { wants: Vec::new(), patience: None };
        }
        let want = |name: &String| Want {
            resource: name.clone(),
            mode: self.mode,
            since: self.since,
            conditions: Vec::new(),
        };
        let wants = if self.resources.is_empty() {
            allowed.iter().map(|resource| want(&resource.name)).collect()
        } else {
            self.resources.iter().map(want).collect()
        };
        Request { wants, patience: None }
    }
}
