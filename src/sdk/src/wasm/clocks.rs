//! The host's clocks.

use wasi::clocks::{monotonic_clock, wall_clock};

use crate::time::instant::Instant;
use crate::time::moment::Moment;
use crate::time::timestamp::Timestamp;

/// Nanoseconds of a millisecond.
pub(super) const MILLISECOND: u64 = 1_000_000;

/// The monotonic clock.
pub(super) fn instant() -> Instant {
    Instant::from_millis(monotonic_clock::now() / MILLISECOND)
}

/// Both clocks.
pub(super) fn now() -> Moment {
    let wall = wall_clock::now();
    let millis =
        wall.seconds.saturating_mul(1000).saturating_add(u64::from(wall.nanoseconds) / MILLISECOND);
    let wall = i64::try_from(millis).ok().and_then(Timestamp::from_millis);
    Moment { instant: instant(), wall: wall.unwrap_or(Timestamp::EPOCH) }
}
