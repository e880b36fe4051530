//! A lane: one chain of requests, with at most one in flight, its tries and
//! its pauses.

use crate::run::Instant;
use crate::run::failure::Kind;

/// Which chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LaneId {
    /// A segment of the walk over users, by its number.
    Users(u32),
    /// Users nominated for removal.
    Deletions,
    /// The log.
    Events,
    /// Daily statistics.
    Stats,
}

/// Tries in a row before a lane is parked. Pauses of 1, 2, 4 and 8 seconds lie
/// between them where Auth0 tells none: a restart of the edge is outlasted.
pub const TRIES: u32 = 5;

/// Why a lane failed last.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    /// `RateLimited` or `Transient`.
    pub kind: Kind,
    /// One clause: what happened.
    pub what: String,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
}

/// What a lane is at.
#[derive(Clone, Debug, Default)]
pub struct Lane {
    /// Whether a request is under way.
    pub in_flight: bool,
    /// Not before this instant.
    pub not_before: Instant,
    /// Failures in a row.
    pub tries: u32,
    /// Set when the tries are used up: the rest of the run goes on without.
    pub parked: Option<Trouble>,
}

impl Lane {
    /// Whether a request may begin.
    pub fn is_ready(&self, now: Instant) -> bool {
        !self.in_flight && self.parked.is_none() && self.not_before <= now
    }

    /// Begins a request if one may begin; `paced` is the rate limit's leave.
    pub fn begin(&mut self, now: Instant, paced: bool) -> bool {
        let begins = paced && self.is_ready(now);
        self.in_flight |= begins;
        begins
    }

    /// Notes a success.
    pub fn succeed(&mut self) {
        self.tries = 0;
    }

    /// Notes a failure that a later try may mend; `pause` is what Auth0 told.
    pub fn fail(&mut self, trouble: Trouble, pause: Option<u64>, now: Instant) {
        self.tries += 1;
        self.not_before = now.saturating_add(pause.unwrap_or_else(|| backoff(self.tries, now)));
        if self.tries >= TRIES {
            self.parked = Some(trouble);
        }
    }

    /// Parks the lane at once: it has had its tries already.
    pub fn park(&mut self, trouble: Trouble, now: Instant) {
        self.tries = TRIES - 1;
        self.fail(trouble, None, now);
    }

    /// Begins anew after the run was given up and taken up again.
    pub fn unpark(&mut self) {
        if self.parked.take().is_some() {
            self.tries = 0;
            self.not_before = 0;
        }
    }
}

/// A second, doubled with each failure, up to a minute, and up to a quarter
/// more: clients that failed together do not come back together.
fn backoff(tries: u32, now: Instant) -> u64 {
    let base = 1000u64.saturating_mul(1 << tries.saturating_sub(1).min(6)).min(60_000);
    // Fibonacci hashing spreads neighbouring instants; no randomness is
    // imported.
    let spread = now.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    base + spread % (base / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_is_parked_when_its_tries_are_used_up() {
        let trouble = Trouble { kind: Kind::Transient, what: "x".to_owned(), status: None };
        let mut lane = Lane::default();
        for tried in 1..=TRIES {
            assert!(lane.parked.is_none());
            lane.fail(trouble.clone(), None, 0);
            let base = 1000 << (tried - 1);
            assert!((base..base + base / 4).contains(&lane.not_before), "{}", lane.not_before);
        }
        assert_eq!(lane.parked, Some(trouble));
        lane.unpark();
        assert!(lane.is_ready(0));
    }
}
