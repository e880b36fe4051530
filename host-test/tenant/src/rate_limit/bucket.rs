//! A token bucket, filled by the tenant's clock.

use super::plan::{Limit, Refill};
use crate::instant::SECOND;

/// One request in the bucket's own unit, chosen so that a millisecond of a
/// per-second limit and a second of a per-minute limit are whole numbers.
const REQUEST: i64 = 60_000;

/// The values of the three `X-RateLimit-*` headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub(crate) granted: bool,
    pub(crate) limit: u32,
    pub(crate) remaining: i64,
    /// The Unix second at which one more request is available.
    pub(crate) reset: i64,
}

/// A bucket of requests.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    limit: Limit,
    level: i64,
    filled_at: i64,
}

impl Bucket {
    pub(super) fn new(limit: Limit, now: i64) -> Self {
        Self { limit, level: i64::from(limit.burst) * REQUEST, filled_at: now }
    }

    pub(super) fn take(&mut self, now: i64) -> Allowance {
        self.fill(now);
        let granted = self.level >= REQUEST;
        if granted {
            self.level -= REQUEST;
        }
        self.allowance(granted, now)
    }

    /// The current values, without taking a request.
    pub(super) fn look(&mut self, now: i64) -> Allowance {
        self.fill(now);
        self.allowance(false, now)
    }

    fn allowance(&self, granted: bool, now: i64) -> Allowance {
        Allowance {
            granted,
            limit: self.limit.burst,
            remaining: self.level / REQUEST,
            reset: self.reset(now),
        }
    }

    /// The step of the refill in milliseconds, and what it adds.
    fn step(&self) -> (i64, i64) {
        match self.limit.refill {
            Refill::PerSecond(rate) => (1, i64::from(rate) * REQUEST / 1_000),
            Refill::PerMinute(rate) => (SECOND, i64::from(rate) * REQUEST / 60),
        }
    }

    fn fill(&mut self, now: i64) {
        let (span, gain) = self.step();
        let steps = (now - self.filled_at).max(0) / span;
        self.filled_at += steps * span;
        let full = i64::from(self.limit.burst) * REQUEST;
        self.level = full.min(self.level.saturating_add(steps.saturating_mul(gain)));
    }

    fn reset(&self, now: i64) -> i64 {
        let (span, gain) = self.step();
        let missing = REQUEST - self.level % REQUEST;
        let steps = (missing + gain - 1).checked_div(gain).unwrap_or(1);
        let at = self.filled_at + steps * span;
        // Whole seconds, rounded up: after that wait a request is available.
        ((at + SECOND - 1) / SECOND).max(now / SECOND + 1)
    }
}
