//! How the run of each resource proceeds: a folder for each.

pub mod daily_active_users;
pub mod login_events;
pub mod users;

use rawdash_connector_sdk::time::timestamp::{MINUTE, Milliseconds};
use serde::{Deserialize, Serialize};

use rawdash_connector_sdk::census::Nominations;

/// How far Auth0's search index, and its log, may lag behind. The next full run
/// repairs what a longer lag hides.
pub const OVERLAP: Milliseconds = 15 * MINUTE;

/// What the log leaves for users.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shared {
    /// Users nominated for removal.
    pub deletions: Nominations,
    /// Counts what only a full run of users can repair: gaps of the log, and more
    /// deletions than can be held.
    pub doubts: u32,
    /// How many of those a full run of users has repaired.
    pub settled: u32,
}

impl Shared {
    /// Records something that only a full run of users can repair.
    pub fn doubt(&mut self) {
        self.doubts = self.doubts.wrapping_add(1);
    }
}
