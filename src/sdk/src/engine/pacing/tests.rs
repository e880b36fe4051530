//! Long runs against buckets that refill as those of every plan do.

use super::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Endpoint {
    Users,
    Logs,
    Stats,
}

impl Endpoint {
    const ALL: [Endpoint; 3] = [Endpoint::Users, Endpoint::Logs, Endpoint::Stats];
}

/// One of Auth0's own buckets: its size, how much it adds, and how often.
#[derive(Clone, Copy, Debug)]
struct Limit {
    size: u32,
    adds: f64,
    every: u64,
}

const fn per_second(size: u32, rate: u32) -> Limit {
    Limit { size, adds: rate as f64 / 1000.0, every: 1 }
}

const fn per_minute(size: u32, rate: u32) -> Limit {
    Limit { size, adds: rate as f64 / 60.0, every: 1000 }
}

impl Limit {
    fn speed(self) -> f64 {
        self.adds / self.every as f64
    }
}

/// `https://auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy`
const PLANS: [(&str, [Limit; 3]); 7] = [
    ("Free", [per_second(2, 2); 3]),
    ("Essentials", [per_minute(40, 500), per_minute(10, 100), per_minute(10, 150)]),
    ("Enterprise", [per_second(50, 16); 3]),
    ("Enterprise, not production", [per_second(10, 2); 3]),
    ("Private Cloud Dev", [per_second(20, 20); 3]),
    ("Private Cloud 100", [per_second(50, 50); 3]),
    ("Private Cloud 500", [per_second(250, 250); 3]),
];

struct Tenant {
    limits: [Limit; 3],
    /// One for all endpoints where all limits are equal.
    content: [f64; 3],
    filled_at: u64,
}

impl Tenant {
    fn new(limits: [Limit; 3]) -> Tenant {
        Tenant { limits, content: limits.map(|limit| limit.size.into()), filled_at: 0 }
    }

    fn bucket(&self, endpoint: Endpoint) -> usize {
        let shared = self.limits.iter().all(|limit| limit.size == self.limits[0].size);
        let at = Endpoint::ALL.iter().position(|other| *other == endpoint).unwrap();
        if shared { 0 } else { at }
    }

    fn fill(&mut self, now: u64) {
        for (content, limit) in self.content.iter_mut().zip(self.limits) {
            let steps = now / limit.every - self.filled_at / limit.every;
            *content = (*content + steps as f64 * limit.adds).min(limit.size.into());
        }
        self.filled_at = now;
    }

    /// Answers as Auth0 does; none for a request that is refused.
    fn answer(&mut self, endpoint: Endpoint, now: u64) -> (bool, RateLimit) {
        self.fill(now);
        let bucket = self.bucket(endpoint);
        let granted = self.content[bucket] >= 1.0;
        if granted {
            self.content[bucket] -= 1.0;
        }
        let limit = Some(self.limits[bucket].size);
        let remaining = Some(self.content[bucket] as u32);
        (granted, RateLimit { limit, remaining, ..RateLimit::default() })
    }
}

/// A chain of requests, and when its answer arrives.
struct Chain {
    endpoint: Endpoint,
    arrives: Option<u64>,
    not_before: u64,
    granted: u32,
}

struct Run {
    share: f64,
    latency: u64,
    /// Requests a second that the tenant's own production takes.
    production: f64,
}

const LASTS: u64 = 600_000;

impl Run {
    /// Requests granted to each endpoint, and how many were refused. Time goes
    /// by the millisecond; the way to Auth0 takes most of the latency and
    /// varies.
    fn requests(&self, limits: [Limit; 3], chains: &[Endpoint]) -> (SmallMap<Endpoint, u32>, u32) {
        let mut tenant = Tenant::new(limits);
        let mut pacing = Pacing::new(Endpoint::ALL.to_vec(), self.share);
        let chain = |endpoint: &Endpoint| Chain {
            endpoint: *endpoint,
            arrives: None,
            not_before: 0,
            granted: 0,
        };
        let mut chains: Vec<Chain> = chains.iter().map(chain).collect();
        let (mut taken, mut seed) = (0.0, 1u64);
        let (mut ours, mut refused) = (SmallMap::<Endpoint, u32>::default(), 0);
        for now in 0..LASTS {
            while taken < now as f64 * self.production / 1000.0 {
                taken += 1.0;
                tenant.answer(Endpoint::Users, now);
            }
            for chain in &mut chains {
                if chain.arrives.is_some_and(|at| at <= now) {
                    chain.arrives = None;
                    let (granted, stated) = tenant.answer(chain.endpoint, now);
                    pacing.receive(chain.endpoint, stated, Instant::from_millis(now));
                    if granted {
                        chain.granted += 1;
                    } else {
                        refused += 1;
                        pacing.exceed(chain.endpoint, Instant::from_millis(now));
                        chain.not_before = now + 1000;
                    }
                }
                let free = chain.arrives.is_none() && chain.not_before <= now;
                let at = Instant::from_millis(now);
                if free && pacing.earliest(chain.endpoint, at) <= at {
                    pacing.send(chain.endpoint, at);
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    let spread = (seed >> 33) % (self.latency / 4 + 1);
                    chain.arrives = Some(now + self.latency - spread);
                }
            }
        }
        for chain in chains {
            ours.update(chain.endpoint, |count| *count += chain.granted);
        }
        (ours, refused)
    }
}

#[test]
fn a_long_run_uses_its_share_of_every_plan_and_meets_no_limit() {
    let mut wrong = Vec::new();
    for (plan, limits) in PLANS {
        for share in [0.25, 0.5, 0.8, 1.0] {
            for (latency, lanes) in [(10, 1), (20, 4), (200, 4)] {
                let run = Run { share, latency, production: 0.0 };
                let (ours, refused) = run.requests(limits, &vec![Endpoint::Users; lanes]);
                let limit = limits[0];
                let allowed = share * (limit.speed() * LASTS as f64 + f64::from(limit.size));
                let possible = lanes as f64 * LASTS as f64 / (latency as f64 * 7.0 / 8.0);
                let part = f64::from(*ours.get(&Endpoint::Users).unwrap()) / allowed.min(possible);
                let at = format!("{plan}, share {share}, {lanes} lanes at {latency} ms: {part:.3}");
                // A small share lets little be seen of the speed.
                let fair = if share < 0.8 { 0.93..=1.1 } else { 0.95..=1.05 };
                if refused > 0 || !fair.contains(&part) {
                    wrong.push(format!("{at}, {refused} refused"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn limits_that_are_apart_are_each_used() {
    let (_, limits) = PLANS[1];
    for share in [0.5, 0.8, 1.0] {
        let run = Run { share, latency: 50, production: 0.0 };
        let mut chains = vec![Endpoint::Users; 4];
        chains.extend([Endpoint::Logs, Endpoint::Stats]);
        let (ours, refused) = run.requests(limits, &chains);
        assert_eq!(refused, 0);
        for (endpoint, limit) in Endpoint::ALL.into_iter().zip(limits) {
            let allowed = share * (limit.speed() * LASTS as f64 + f64::from(limit.size));
            let part = f64::from(*ours.get(&endpoint).unwrap()) / allowed;
            assert!((0.9..=1.1).contains(&part), "{endpoint:?} at share {share}: {part}");
        }
    }
}

#[test]
fn one_limit_for_all_endpoints_is_used_once() {
    let (_, limits) = PLANS[2];
    let run = Run { share: 0.8, latency: 50, production: 0.0 };
    let mut chains = vec![Endpoint::Users; 4];
    chains.extend([Endpoint::Logs, Endpoint::Stats]);
    let (ours, refused) = run.requests(limits, &chains);
    let all: u32 = ours.iter().map(|(_, count)| *count).sum();
    let allowed = 0.8 * (limits[0].speed() * LASTS as f64 + f64::from(limits[0].size));
    let part = f64::from(all) / allowed;
    assert_eq!(refused, 0);
    assert!((0.95..=1.05).contains(&part), "{part}");
}

#[test]
fn the_tenants_own_production_goes_first() {
    for (plan, limits) in PLANS.into_iter().filter(|(_, limits)| limits[0].size >= 10) {
        let total = limits[0].speed() * 1000.0;
        for part in [0.3, 0.6] {
            let run = Run { share: 0.8, latency: 20, production: total * part };
            let (ours, refused) = run.requests(limits, &[Endpoint::Users; 4]);
            let speed = f64::from(*ours.get(&Endpoint::Users).unwrap()) * 1000.0 / LASTS as f64;
            let at = format!("{plan}: {speed:.2} beside {:.2} of {total:.2}", total * part);
            assert_eq!(refused, 0, "{at}");
            let left = total * (1.0 - part);
            assert!((0.6 * left..=left).contains(&speed), "{at}");
        }
    }
}

#[test]
fn a_bucket_that_others_keep_empty_does_not_slow_a_run_down_to_nothing() {
    let mut pacing = Pacing::new(Endpoint::ALL.to_vec(), 0.01);
    let mut now = Instant::START;
    for request in 0..100 {
        let stated = RateLimit { limit: Some(1000), remaining: Some(1), ..RateLimit::default() };
        pacing.send(Endpoint::Users, now);
        now = now.later_by(100);
        pacing.receive(Endpoint::Users, stated, now);
        let asked = now;
        while pacing.earliest(Endpoint::Users, now) > now {
            now = pacing.earliest(Endpoint::Users, now);
            let waited = now.since(asked);
            assert!(waited <= 600_000, "request {request} waits {waited}");
        }
    }
}
