//! The tenant's rate limit, kept to instead of run into.
//!
//! Auth0 counts in token buckets and tells each bucket's size and content with
//! every answer, but not how fast it fills. So a bucket of our own, as large
//! as our share of Auth0's, fills with our share of the speed seen; a request
//! takes one from it. What others take from Auth0's bucket slows the speed
//! that is seen, and so slows us: the tenant's own production goes first.

use crate::auth0::reply::RateLimit;
use crate::resource::Resource;
use crate::run::Instant;
use crate::small_map::SmallMap;

/// Per second, of a bucket's size: the slowest plan known fills a tenth of
/// `burst 10, 100 a minute` in 0.6 s. Used until the speed is seen.
const ASSUMED_SPEED: f64 = 0.16;
/// The one plan with a bucket as small as this fills it once a second.
const ASSUMED_SPEED_OF_SMALL: f64 = 1.0;
/// Requests that a small bucket holds less than.
const SMALL: u32 = 5;
/// Milliseconds after which to look for the first answer.
const LOOK_AGAIN: u64 = 1_000;
/// Milliseconds over which the speed is measured: some plans fill once a
/// second.
const MEASURED_OVER: u64 = 3_000;

/// How much faster to try where the speed cannot be seen.
const FASTER: f64 = 1.25;

/// The buckets. Some plans have one for all endpoints, some one for each, and
/// no answer tells which: endpoints whose buckets are of one size are taken to
/// share one, which at worst is slower than need be.
#[derive(Clone, Debug)]
pub struct Pacing {
    share: f64,
    sizes: SmallMap<Resource, u32>,
    buckets: SmallMap<u32, Bucket>,
    /// Whether an answer came, and how many are awaited: until the first one
    /// tells the limit, no second request is sent.
    heard: bool,
    awaited: u32,
}

#[derive(Clone, Debug)]
struct Bucket {
    /// Auth0's size.
    size: f64,
    /// Requests a millisecond that Auth0 adds, as far as seen.
    speed: f64,
    /// Whether it was seen at all, and is no guess.
    measured: bool,
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
        Pacing {
            share,
            sizes: SmallMap::default(),
            buckets: SmallMap::default(),
            heard: false,
            awaited: 0,
        }
    }

    /// The bucket of an endpoint; before its size is told, any that is known.
    fn size(&self, resource: Resource) -> Option<u32> {
        let known = self.sizes.get(&resource).copied();
        known.or_else(|| self.buckets.iter().map(|(size, _)| *size).next())
    }

    fn bucket_mut(&mut self, resource: Resource) -> Option<&mut Bucket> {
        let size = self.size(resource)?;
        self.buckets.get_mut(&size)
    }

    /// When the next request may be sent: at once where no limit is known yet
    /// and nothing is in flight to tell it.
    pub fn earliest(&self, resource: Resource, now: Instant) -> Instant {
        if !self.heard && self.awaited > 0 {
            return now.saturating_add(LOOK_AGAIN);
        }
        let bucket = self.size(resource).and_then(|size| self.buckets.get(&size));
        let Some(bucket) = bucket else { return now };
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
        self.awaited += 1;
        if let Some(bucket) = self.bucket_mut(resource) {
            bucket.fill(now, share);
            bucket.content -= 1.0;
            bucket.sent += 1.0;
            bucket.in_flight += 1.0;
        }
    }

    /// Notes that a request is no longer in flight, and what its answer told.
    pub fn receive(&mut self, resource: Resource, told: RateLimit, now: Instant) {
        let share = self.share;
        self.heard = true;
        self.awaited = self.awaited.saturating_sub(1);
        if let Some(bucket) = self.bucket_mut(resource) {
            bucket.in_flight = (bucket.in_flight - 1.0).max(0.0);
        }
        let (Some(limit), Some(remaining)) = (told.limit, told.remaining) else { return };
        if limit == 0 {
            return;
        }
        let (size, remaining) = (f64::from(limit), f64::from(remaining));
        self.sizes.update(resource, |known| *known = limit);
        if self.buckets.get(&limit).is_none() {
            let assumed = if limit < SMALL { ASSUMED_SPEED_OF_SMALL } else { ASSUMED_SPEED };
            self.buckets.push(
                limit,
                Bucket {
                    size,
                    speed: size * assumed / 1000.0,
                    measured: limit < SMALL,
                    content: (size * share - 1.0).max(0.0),
                    filled_at: now,
                    seen: (remaining, now),
                    sent: 0.0,
                    in_flight: 0.0,
                },
            );
        }
        let Some(bucket) = self.buckets.get_mut(&limit) else { return };
        bucket.fill(now, share);
        let kept = size * (1.0 - share);
        bucket.measure(remaining, kept, now);
        // Never more than what is there, less what is kept for others.
        let left = (remaining - bucket.in_flight - kept).max(0.0);
        bucket.content = bucket.content.min(left.max(bucket.content.min(1.0)));
        if remaining < 1.0 {
            // Half a request more than it seems: the speed may be overrated.
            bucket.content = bucket.content.min(-0.5);
        }
    }

    /// Notes that the limit was met all the same: the request took nothing.
    pub fn exceed(&mut self, resource: Resource, now: Instant) {
        let share = self.share;
        if let Some(bucket) = self.bucket_mut(resource) {
            bucket.fill(now, share);
            bucket.content = bucket.content.min(-0.5);
            bucket.sent = (bucket.sent - 1.0).max(0.0);
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
        if remaining + 1.0 < self.size && added > 0.0 {
            self.speed = if self.measured { (self.speed + seen) / 2.0 } else { seen };
            self.measured = true;
        } else if !self.measured {
            self.speed *= FASTER;
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
        const LATENCY: Instant = 10;
        let minute = 60.0;
        let plans = [
            (2, 2.0),
            (50, 16.0),
            (10, 2.0),
            (40, 500.0 / minute),
            (10, 100.0 / minute),
            (10, 150.0 / minute),
            (50, 50.0),
        ];
        for (size, per_second) in plans {
            for share in [0.5, 0.8, 1.0] {
                let size = f64::from(size);
                let speed = per_second / 1000.0;
                let mut tenant = Tenant { size, speed, content: size, at: 0, refused: 0 };
                let mut pacing = Pacing::new(share);
                let (mut now, mut sent) = (0, 0u32);
                while now < 600_000 {
                    now = pacing.earliest(Resource::Users, now);
                    pacing.send(Resource::Users, now);
                    now += LATENCY;
                    let refused = tenant.refused;
                    let told = tenant.answer(now);
                    pacing.receive(Resource::Users, told, now);
                    if tenant.refused == refused {
                        sent += 1;
                    } else {
                        pacing.exceed(Resource::Users, now);
                        now += 1000;
                    }
                }
                let part = f64::from(sent) / (per_second * share * 600.0 + size * share);
                let at = format!("size {size}, {per_second} a second, share {share}: {part}");
                assert_eq!(tenant.refused, 0, "{at}");
                // In a bucket of two, one request is half of what can be seen.
                let fair = if size < 10.0 { 0.6..=1.15 } else { 0.93..=1.05 };
                assert!(fair.contains(&part), "{at}");
            }
        }
    }
}
