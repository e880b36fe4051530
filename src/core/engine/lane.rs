//! A lane: one chain of requests, with at most one in flight, its attempts and
//! its pauses.

use crate::engine::failure_kind::FailureKind;
use crate::engine::instant::Instant;

/// Attempts in a row before a lane's retries are exhausted. Pauses of 1, 2, 4 and
/// 8 seconds lie between them where the source states none: long enough for a
/// restart of its edge.
pub const ATTEMPTS: u32 = 5;

/// Why a lane failed last.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    /// `RateLimited` or `Transient`.
    pub kind: FailureKind,
    /// One clause: what happened.
    pub what: String,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
}

/// The state of a lane.
#[derive(Clone, Debug, Default)]
pub struct Lane {
    /// Whether a request is under way.
    pub in_flight: bool,
    /// Not before this instant.
    pub not_before: Instant,
    /// Failures in a row.
    pub attempts: u32,
    /// Set when retries are exhausted: the other lanes go on without this one.
    pub exhausted: Option<Trouble>,
}

impl Lane {
    /// Whether a request may begin.
    pub fn is_ready(&self, now: Instant) -> bool {
        !self.in_flight && self.exhausted.is_none() && self.not_before <= now
    }

    /// Begins a request if one may begin; `paced` says that the rate limit allows it.
    pub fn begin(&mut self, now: Instant, paced: bool) -> bool {
        let begins = paced && self.is_ready(now);
        self.in_flight |= begins;
        begins
    }

    /// Records a success.
    pub fn succeed(&mut self) {
        self.attempts = 0;
    }

    /// Records a failure that a later attempt may not meet; `pause` is what the
    /// source stated.
    pub fn fail(&mut self, trouble: Trouble, pause: Option<u64>, now: Instant) {
        self.attempts += 1;
        self.not_before = now.later_by(pause.unwrap_or_else(|| backoff(self.attempts, now)));
        if self.attempts >= ATTEMPTS {
            self.exhausted = Some(trouble);
        }
    }

    /// Exhausts the lane at once: its attempts were made within one request.
    pub fn exhaust(&mut self, trouble: Trouble, now: Instant) {
        self.attempts = ATTEMPTS - 1;
        self.fail(trouble, None, now);
    }

    /// Allows new attempts, after a sync was ended and called again.
    pub fn reset(&mut self) {
        if self.exhausted.take().is_some() {
            self.attempts = 0;
            self.not_before = Instant::START;
        }
    }
}

/// A second, doubled with each failure, up to a minute, and up to a quarter
/// more: clients that failed together do not return together.
fn backoff(attempts: u32, now: Instant) -> u64 {
    let base = 1000u64.saturating_mul(1 << attempts.saturating_sub(1).min(6)).min(60_000);
    // Fibonacci hashing spreads neighbouring instants; no randomness is
    // imported.
    let spread = now.millis().wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    base + spread % (base / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_that_fails_again_and_again_is_exhausted() {
        let trouble = Trouble { kind: FailureKind::Transient, what: "x".to_owned(), status: None };
        let mut lane = Lane::default();
        for attempt in 1..=ATTEMPTS {
            assert!(lane.exhausted.is_none());
            lane.fail(trouble.clone(), None, Instant::START);
            let base = 1000 << (attempt - 1);
            assert!(
                (base..base + base / 4).contains(&lane.not_before.millis()),
                "{:?}",
                lane.not_before
            );
        }
        assert_eq!(lane.exhausted, Some(trouble));
        lane.reset();
        assert!(lane.is_ready(Instant::START));
    }
}
