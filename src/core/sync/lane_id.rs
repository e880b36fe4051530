//! The lanes of a sync.

use crate::resource::Resource;

/// Which chain of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LaneId {
    /// A range of the walk over users, by its number.
    Users(u32),
    /// Users nominated for removal.
    Deletions,
    /// The log.
    Events,
    /// Daily statistics.
    Stats,
}

impl LaneId {
    /// The resource that the lane reads.
    pub fn resource(self) -> Resource {
        match self {
            LaneId::Users(_) | LaneId::Deletions => Resource::Users,
            LaneId::Events => Resource::LoginEvents,
            LaneId::Stats => Resource::DailyActiveUsers,
        }
    }
}
