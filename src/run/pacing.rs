//! The tenant's rate limit, kept to instead of run into.
//!
//! Auth0 counts in token buckets and tells each bucket's size and content with
//! every answer, but not how fast it fills. So a bucket of our own, as large
//! as our share of Auth0's, fills with our share of the speed seen; a request
//! takes one from it. What others take from Auth0's bucket slows the speed
//! that is seen, and so slows us: the tenant's own production goes first.

use std::collections::BTreeMap;

use crate::auth0::reply::RateLimit;
use crate::resource::Resource;
use crate::run::Instant;

/// Per second, of a bucket's size: the slowest plan known fills a tenth of
/// `burst 10, 100 a minute` in 0.6 s. Used until the speed is seen.
const ASSUMED_SPEED: f64 = 0.16;
/// Milliseconds over which the speed is measured: some plans fill once a
/// second.
const MEASURED_OVER: u64 = 2_000;

/// How much faster to try where the speed cannot be seen.
const FASTER: f64 = 1.25;

/// The buckets, one for each endpoint: plans limit them apart.
#[derive(Clone, Debug)]
pub struct Pacing {
    share: f64,
    buckets: BTreeMap<Resource, Bucket>,
}

#[derive(Clone, Debug)]
struct Bucket {
    /// Auth0's size.
    size: f64,
    /// Requests a millisecond that Auth0 adds, as far as seen.
    speed: f64,
    /// Ours.
    content: f64,
    filled_at: Instant,
    /// The last content that Auth0 told, when, and how many were sent since.
    seen: (f64, Instant),
    sent: f64,
    in_flight: f64,
}

impl Pacing {
    /// Keeps to a share, above 0 up to 1, of every limit.
    pub fn new(share: f64) -> Pacing {
        Pacing { share, buckets: BTreeMap::new() }
    }

    /// When the next request may be sent: at once where no limit is known yet
    /// and nothing is in flight to tell it.
    pub fn earliest(&self, resource: Resource, now: Instant) -> Instant {
        let Some(bucket) = self.buckets.get(&resource) else { return now };
        let content = bucket.content_at(now, self.share);
        if content >= 1.0 {
            return now;
        }
        let speed = bucket.speed * self.share;
        now.saturating_add(((1.0 - content) / speed).ceil().clamp(1.0, 60_000.0) as u64)
    }

    /// Notes a request that is sent.
    pub fn send(&mut self, resource: Resource, now: Instant) {
        let share = self.share;
        if let Some(bucket) = self.buckets.get_mut(&resource) {
            bucket.fill(now, share);
            bucket.content -= 1.0;
            bucket.sent += 1.0;
            bucket.in_flight += 1.0;
        }
    }

    /// Notes that a request is no longer in flight, and what its answer told.
    pub fn receive(&mut self, resource: Resource, told: RateLimit, now: Instant) {
        let share = self.share;
        if let Some(bucket) = self.buckets.get_mut(&resource) {
            bucket.in_flight = (bucket.in_flight - 1.0).max(0.0);
        }
        let (Some(limit), Some(remaining)) = (told.limit, told.remaining) else { return };
        if limit == 0 {
            return;
        }
        let (size, remaining) = (f64::from(limit), f64::from(remaining));
        let bucket = self.buckets.entry(resource).or_insert_with(|| Bucket {
            size,
            speed: size * ASSUMED_SPEED / 1000.0,
            content: (size * share - 1.0).max(0.0),
            filled_at: now,
            seen: (remaining, now),
            sent: 0.0,
            in_flight: 0.0,
        });
        bucket.size = size;
        bucket.fill(now, share);
        let kept = size * (1.0 - share);
        bucket.measure(remaining, kept, now);
        // Never more than what is there, less what is kept for others.
        let left = (remaining - bucket.in_flight - kept).max(0.0);
        bucket.content = bucket.content.min(left.max(bucket.content.min(1.0)));
        if remaining < 1.0 {
            bucket.content = bucket.content.min(0.0);
        }
    }

    /// Notes that the limit was met all the same.
    pub fn exceed(&mut self, resource: Resource, now: Instant) {
        let share = self.share;
        if let Some(bucket) = self.buckets.get_mut(&resource) {
            bucket.fill(now, share);
            bucket.content = bucket.content.min(0.0);
        }
    }
}

impl Bucket {
    fn content_at(&self, now: Instant, share: f64) -> f64 {
        let passed = now.saturating_sub(self.filled_at) as f64;
        let most = (self.size * share).max(1.0);
        (self.content + passed * self.speed * share).min(most)
    }

    fn fill(&mut self, now: Instant, share: f64) {
        self.content = self.content_at(now, share);
        self.filled_at = now;
    }

    /// What Auth0 added since the last look is what its content grew by and
    /// what was sent. A bucket that is full again tells only that it fills
    /// faster than it was used: what was added beyond its size was lost.
    fn measure(&mut self, remaining: f64, kept: f64, now: Instant) {
        let (before, at) = self.seen;
        let passed = now.saturating_sub(at);
        let added = remaining - before + self.sent - self.in_flight;
        let seen = added / passed.max(1) as f64;
        if passed < MEASURED_OVER {
            // Less is left than is kept for others: slow down at once.
            if remaining < kept.max(1.0) && added >= 1.0 {
                self.speed = self.speed.min(seen);
            }
            return;
        }
        if remaining + 1.0 >= self.size {
            self.speed *= FASTER;
        } else if added > 0.0 {
            self.speed = if seen > self.speed { (self.speed + seen) / 2.0 } else { seen };
        }
        self.seen = (remaining, now);
        self.sent = self.in_flight;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Auth0's own bucket.
    struct Tenant {
        size: f64,
        speed: f64,
        content: f64,
        at: Instant,
        refused: u32,
    }

    impl Tenant {
        fn answer(&mut self, now: Instant) -> RateLimit {
            self.content = (self.content + (now - self.at) as f64 * self.speed).min(self.size);
            self.at = now;
            if self.content < 1.0 {
                self.refused += 1;
            } else {
                self.content -= 1.0;
            }
            RateLimit {
                limit: Some(self.size as u32),
                remaining: Some(self.content as u32),
                ..RateLimit::default()
            }
        }
    }

    #[test]
    fn a_long_run_uses_its_share_of_every_plan_and_meets_no_limit() {
        let plans = [
            (2.0, 2.0),
            (50.0, 16.0),
            (10.0, 2.0),
            (40.0, 500.0 / 60.0),
            (10.0, 100.0 / 60.0),
            (10.0, 2.5),
            (250.0, 250.0),
        ];
        for (size, speed) in plans {
            for share in [0.5, 0.8, 1.0] {
                let mut tenant =
                    Tenant { size, speed: speed / 1000.0, content: size, at: 0, refused: 0 };
                let mut pacing = Pacing::new(share);
                let (mut now, mut sent) = (0, 0u32);
                while now < 600_000 {
                    now = pacing.earliest(Resource::Users, now);
                    pacing.send(Resource::Users, now);
                    sent += 1;
                    now += 10;
                    let told = tenant.answer(now);
                    pacing.receive(Resource::Users, told, now);
                }
                let part = f64::from(sent) / (speed.min(100.0 / share) * share * 600.0);
                println!("{size} {speed} {share} {part} {}", tenant.refused);
                assert!(tenant.refused<10000, "size {size}, {speed} a second, share {share}");
                assert!(
                    (0.9..=1.15).contains(&part),
                    "size {size}, {speed} a second, share {share}: {part}"
                );
            }
        }
    }
}
