//! Instants of a clock that only goes forward.

/// Milliseconds of a monotonic clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(u64);

impl Instant {
    /// The first instant.
    pub const START: Instant = Instant(0);

    /// The instant so many milliseconds after the clock's start.
    pub fn from_millis(millis: u64) -> Instant {
        Instant(millis)
    }

    /// Milliseconds since the clock's start.
    pub fn millis(self) -> u64 {
        self.0
    }

    /// So many milliseconds later, at most the last instant.
    pub fn later_by(self, millis: u64) -> Instant {
        Instant(self.0.saturating_add(millis))
    }

    /// Milliseconds from another instant to this one; 0 when the other is later.
    pub fn since(self, earlier: Instant) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
