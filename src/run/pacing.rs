//! The tenant's rate limit, kept to instead of run into.

mod bucket;
#[cfg(test)]
mod tests;

use crate::auth0::reply::RateLimit;
use crate::resource::Resource;
use crate::run::Instant;
use crate::small_map::SmallMap;
use bucket::Bucket;

/// Milliseconds after which to look for the first answer.
const LOOK_AGAIN: u64 = 1_000;

/// The buckets. Some plans have one for all endpoints, some one for each, and
/// no answer tells which. A plan with one tells one size everywhere; so as
/// soon as two sizes are told, each endpoint has a bucket of its own, equal
/// sizes included, and until then all share one.
#[derive(Clone, Debug)]
pub struct Pacing {
    share: f64,
    buckets: Buckets,
    /// Whether an answer came: until the first one tells the limit, no second
    /// request is sent.
    heard: bool,
    in_flight: SmallMap<Resource, u32>,
}

#[derive(Clone, Debug)]
enum Buckets {
    Unknown,
    Shared(Bucket),
    Apart(SmallMap<Resource, Bucket>),
}

impl Buckets {
    fn of(&self, resource: Resource) -> Option<&Bucket> {
        match self {
            Buckets::Unknown => None,
            Buckets::Shared(bucket) => Some(bucket),
            Buckets::Apart(buckets) => buckets.get(&resource),
        }
    }

    fn of_mut(&mut self, resource: Resource) -> Option<&mut Bucket> {
        match self {
            Buckets::Unknown => None,
            Buckets::Shared(bucket) => Some(bucket),
            Buckets::Apart(buckets) => buckets.get_mut(&resource),
        }
    }
}

impl Pacing {
    /// Keeps to a share, above 0 up to 1, of every limit.
    pub fn new(share: f64) -> Pacing {
        Pacing { share, buckets: Buckets::Unknown, heard: false, in_flight: SmallMap::default() }
    }

    fn awaited(&self) -> u32 {
        self.in_flight.iter().map(|(_, count)| *count).sum()
    }

    /// When the next request may be sent: at once where no limit is known yet
    /// and nothing is in flight to tell it.
    pub fn earliest(&self, resource: Resource, now: Instant) -> Instant {
        match self.buckets.of(resource) {
            Some(bucket) => bucket.earliest(now),
            None if !self.heard && self.awaited() > 0 => now.saturating_add(LOOK_AGAIN),
            None => now,
        }
    }

    /// Notes a request that is sent.
    pub fn send(&mut self, resource: Resource, now: Instant) {
        self.in_flight.update(resource, |count| *count += 1);
        if let Some(bucket) = self.buckets.of_mut(resource) {
            bucket.send(now);
        }
    }

    /// Notes that a request is no longer in flight, and what its answer told.
    pub fn receive(&mut self, resource: Resource, told: RateLimit, now: Instant) {
        self.heard = true;
        self.in_flight.update(resource, |count| *count = count.saturating_sub(1));
        if let Some(bucket) = self.buckets.of_mut(resource) {
            bucket.arrive();
        }
        let (Some(size), Some(remaining)) = (told.limit.filter(|size| *size > 0), told.remaining)
        else {
            return;
        };
        let remaining = f64::from(remaining.min(size));
        match self.buckets.of_mut(resource).filter(|bucket| bucket.has_size(size)) {
            Some(bucket) => bucket.hear(resource, remaining, now),
            None => self.discover(resource, size, remaining, now),
        }
    }

    /// An answer told a size that its endpoint's bucket does not have.
    fn discover(&mut self, resource: Resource, size: u32, remaining: f64, now: Instant) {
        let own = f64::from(self.in_flight.get(&resource).copied().unwrap_or(0));
        let all = f64::from(self.awaited());
        let found = |in_flight| Bucket::new(resource, size, remaining, in_flight, self.share, now);
        match &mut self.buckets {
            Buckets::Unknown => self.buckets = Buckets::Shared(found(all)),
            Buckets::Apart(buckets) => {
                buckets.remove(&resource);
                buckets.push(resource, found(own));
            }
            Buckets::Shared(shared) => {
                let mut buckets = SmallMap::default();
                for other in Resource::ALL.into_iter().filter(|other| *other != resource) {
                    buckets.push(other, shared.clone());
                }
                buckets.push(resource, found(own));
                self.buckets = Buckets::Apart(buckets);
            }
        }
    }

    /// Notes that the limit was met all the same.
    pub fn exceed(&mut self, resource: Resource, now: Instant) {
        if let Some(bucket) = self.buckets.of_mut(resource) {
            bucket.exceed(now);
        }
    }
}
