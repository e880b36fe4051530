//! Token buckets, filled by the tenant's clock.

use crate::endpoint::Endpoint;
use crate::instant::SECOND;
use crate::plan::{Limit, Limits, Plan, Refill};

/// One request in the bucket's own unit, chosen so that a millisecond of a
/// per-second limit and a second of a per-minute limit are whole numbers.
const REQUEST: i64 = 60_000;

/// What the three `X-RateLimit-*` headers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub(crate) granted: bool,
    pub(crate) limit: u32,
    pub(crate) remaining: i64,
    /// Unix seconds at which a request is given back.
    pub(crate) reset: i64,
}

#[derive(Clone, Debug)]
struct Bucket {
    limit: Limit,
    level: i64,
    filled_at: i64,
}

impl Bucket {
    fn new(limit: Limit, now: i64) -> Self {
        Self { limit, level: i64::from(limit.burst) * REQUEST, filled_at: now }
    }

    fn take(&mut self, now: i64) -> Allowance {
        self.fill(now);
        let granted = self.level >= REQUEST;
        if granted {
            self.level -= REQUEST;
        }
        self.allowance(granted, now)
    }

    fn allowance(&self, granted: bool, now: i64) -> Allowance {
        Allowance {
            granted,
            limit: self.limit.burst,
            remaining: self.level / REQUEST,
            reset: self.reset(now),
        }
    }

    /// The step of the refill in milliseconds, and what it brings.
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
        // Whole seconds, rounded up: who waits until then finds a request.
        ((at + SECOND - 1) / SECOND).max(now / SECOND + 1)
    }
}

/// The buckets of one tenant.
#[derive(Clone, Debug)]
pub(crate) struct RateLimiter {
    token: Bucket,
    api: Buckets,
}

#[derive(Clone, Debug)]
enum Buckets {
    Global(Bucket),
    PerGroup { users: Bucket, logs: Bucket, rest: Bucket },
}

impl RateLimiter {
    pub(crate) fn new(plan: Plan, now: i64) -> Self {
        let api = match plan.limits() {
            Limits::Global(limit) => Buckets::Global(Bucket::new(limit, now)),
            Limits::PerGroup { users, logs, rest } => Buckets::PerGroup {
                users: Bucket::new(users, now),
                logs: Bucket::new(logs, now),
                rest: Bucket::new(rest, now),
            },
        };
        Self { token: Bucket::new(plan.token_limit(), now), api }
    }

    /// Takes a request out of the endpoint's bucket, if there is one.
    pub(crate) fn take(&mut self, endpoint: Endpoint, now: i64) -> Allowance {
        self.bucket(endpoint).take(now)
    }

    /// What the headers say of a request that was refused for another reason
    /// and costs nothing.
    pub(crate) fn look(&mut self, endpoint: Endpoint, now: i64) -> Allowance {
        let bucket = self.bucket(endpoint);
        bucket.fill(now);
        bucket.allowance(false, now)
    }

    fn bucket(&mut self, endpoint: Endpoint) -> &mut Bucket {
        match (endpoint, &mut self.api) {
            (Endpoint::Token, _) => &mut self.token,
            (_, Buckets::Global(bucket)) => bucket,
            (Endpoint::Users | Endpoint::User, Buckets::PerGroup { users, .. }) => users,
            (Endpoint::Logs, Buckets::PerGroup { logs, .. }) => logs,
            (_, Buckets::PerGroup { rest, .. }) => rest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_630_700_192_000;

    fn taken(limiter: &mut RateLimiter, endpoint: Endpoint, now: i64, tries: usize) -> usize {
        (0..tries).filter(|_| limiter.take(endpoint, now).granted).count()
    }

    #[test]
    fn the_free_plan_gives_two_and_then_one_each_half_second() {
        let mut limiter = RateLimiter::new(Plan::Free, NOW);
        assert_eq!(taken(&mut limiter, Endpoint::Users, NOW, 5), 2);
        assert_eq!(taken(&mut limiter, Endpoint::Logs, NOW + 499, 5), 0);
        assert_eq!(taken(&mut limiter, Endpoint::Logs, NOW + 500, 5), 1);
        assert_eq!(taken(&mut limiter, Endpoint::Stats, NOW + 60_000, 5), 2);
    }

    #[test]
    fn the_essentials_plan_keeps_logs_apart_and_fills_by_whole_seconds() {
        let mut limiter = RateLimiter::new(Plan::Essentials, NOW);
        assert_eq!(taken(&mut limiter, Endpoint::Logs, NOW, 50), 10);
        assert_eq!(taken(&mut limiter, Endpoint::Users, NOW, 50), 40);
        assert_eq!(taken(&mut limiter, Endpoint::Stats, NOW, 50), 10);
        assert_eq!(taken(&mut limiter, Endpoint::Logs, NOW + 999, 5), 0);
        assert_eq!(taken(&mut limiter, Endpoint::Logs, NOW + 3_000, 50), 5);
    }

    #[test]
    fn who_waits_until_the_reset_finds_a_request() {
        for plan in Plan::ALL {
            let mut limiter = RateLimiter::new(plan, NOW);
            let mut now = NOW + 137;
            for _ in 0..300 {
                let allowance = limiter.take(Endpoint::Logs, now);
                assert!(allowance.reset * SECOND > now);
                if !allowance.granted {
                    now = allowance.reset * SECOND;
                    assert!(limiter.take(Endpoint::Logs, now).granted, "{plan}");
                }
            }
        }
    }
}
