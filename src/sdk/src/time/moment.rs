//! What the host's clocks show.

use crate::time::instant::Instant;
use crate::time::timestamp::Timestamp;

/// What the host's two clocks show at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The clock that only goes forward: pauses and deadlines are measured by it.
    pub instant: Instant,
    /// The time of day. It is used only until the source states its own.
    pub wall: Timestamp,
}
