//! The users of a sync: what is known of them for good, and the walk under way.

pub mod pass;
pub mod range;
pub mod ranges;
pub mod reach;
pub mod rows;
pub mod walk;

use serde::{Deserialize, Serialize};

use crate::engine::timestamp::Timestamp;
use walk::Walk;

/// What the checkpoint knows of users.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Users {
    /// Changes up to here were read; `None` before the first complete walk.
    pub watermark: Option<Timestamp>,
    /// How many the last complete walk found.
    pub stored: u64,
    /// The walk under way.
    pub walk: Option<Walk>,
}

impl Users {
    /// Begins a walk: over all, staged under the generation, or over what
    /// changed. Without a watermark even a latest sync walks over all.
    pub fn begin(&mut self, full: bool, generation: u64, date: Timestamp) {
        self.walk = Some(match self.watermark.filter(|_| !full) {
            None => Walk::over_all(generation, date),
            Some(watermark) => Walk::over_changes(watermark, date),
        });
    }
}
