//! The buckets of a tenant.

use super::bucket::{Allowance, Bucket};
use super::plan::{Limits, Plan};
use crate::http::Endpoint;

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

    /// Takes a request out of the endpoint's bucket, if one is available.
    pub(crate) fn take(&mut self, endpoint: Endpoint, now: i64) -> Allowance {
        self.bucket(endpoint).take(now)
    }

    /// The headers of a request that was refused for another reason and costs
    /// nothing.
    pub(crate) fn look(&mut self, endpoint: Endpoint, now: i64) -> Allowance {
        self.bucket(endpoint).look(now)
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
    use crate::instant::SECOND;

    const NOW: i64 = 1_630_700_192_789;

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
    fn a_request_after_the_reset_is_granted() {
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
