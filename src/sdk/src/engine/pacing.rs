//! The rate limit: requests are spaced so that it is not reached.

mod bucket;
mod refill;
#[cfg(test)]
mod tests;

use crate::engine::small_map::SmallMap;
use crate::http::rate_limit::RateLimit;
use crate::time::instant::Instant;
use bucket::Bucket;

/// Milliseconds after which to look for the first reply.
const LOOK_AGAIN: u64 = 1_000;

/// The buckets, by endpoint `E`. Some plans have one for all endpoints, some one
/// for each, and no reply says which. A plan with one states one size everywhere;
/// so as soon as two sizes are stated, each endpoint has a bucket of its own,
/// equal sizes included, and until then all share one.
#[derive(Clone, Debug)]
pub(super) struct Pacing<E> {
    endpoints: Vec<E>,
    share: f64,
    buckets: Buckets<E>,
    /// Whether a reply arrived: until the first one states the limit, no second
    /// request is sent.
    heard: bool,
    in_flight: SmallMap<E, u32>,
}

#[derive(Clone, Debug)]
enum Buckets<E> {
    Unknown,
    Shared(Bucket<E>),
    Apart(SmallMap<E, Bucket<E>>),
}

impl<E: Copy + PartialEq> Buckets<E> {
    fn of(&self, endpoint: E) -> Option<&Bucket<E>> {
        match self {
            Buckets::Unknown => None,
            Buckets::Shared(bucket) => Some(bucket),
            Buckets::Apart(buckets) => buckets.get(&endpoint),
        }
    }

    fn of_mut(&mut self, endpoint: E) -> Option<&mut Bucket<E>> {
        match self {
            Buckets::Unknown => None,
            Buckets::Shared(bucket) => Some(bucket),
            Buckets::Apart(buckets) => buckets.get_mut(&endpoint),
        }
    }
}

impl<E: Copy + PartialEq> Pacing<E> {
    /// Stays within a share, above 0 up to 1, of the limit of every endpoint.
    pub(super) fn new(endpoints: Vec<E>, share: f64) -> Pacing<E> {
        let buckets = Buckets::Unknown;
        Pacing { endpoints, share, buckets, heard: false, in_flight: SmallMap::default() }
    }

    fn awaited(&self) -> u32 {
        self.in_flight.iter().map(|(_, count)| *count).sum()
    }

    /// When the next request may be sent: at once where no limit is known yet
    /// and nothing is in flight that will state it.
    pub(super) fn earliest(&self, endpoint: E, now: Instant) -> Instant {
        match self.buckets.of(endpoint) {
            Some(bucket) => bucket.earliest(now),
            None if !self.heard && self.awaited() > 0 => now.later_by(LOOK_AGAIN),
            None => now,
        }
    }

    /// Records a request that is sent.
    pub(super) fn send(&mut self, endpoint: E, now: Instant) {
        self.in_flight.update(endpoint, |count| *count += 1);
        if let Some(bucket) = self.buckets.of_mut(endpoint) {
            bucket.send(now);
        }
    }

    /// Records that a request is no longer in flight, and what its reply stated.
    pub(super) fn receive(&mut self, endpoint: E, stated: RateLimit, now: Instant) {
        self.heard = true;
        self.in_flight.update(endpoint, |count| *count = count.saturating_sub(1));
        if let Some(bucket) = self.buckets.of_mut(endpoint) {
            bucket.arrive();
        }
        let size = stated.limit.filter(|size| *size > 0);
        let (Some(size), Some(remaining)) = (size, stated.remaining) else { return };
        let remaining = f64::from(remaining.min(size));
        match self.buckets.of_mut(endpoint).filter(|bucket| bucket.has_size(size)) {
            Some(bucket) => bucket.hear(endpoint, remaining, now),
            None => self.discover(endpoint, size, remaining, now),
        }
    }

    /// A reply stated a size that its endpoint's bucket does not have.
    fn discover(&mut self, endpoint: E, size: u32, remaining: f64, now: Instant) {
        let own = f64::from(self.in_flight.get(&endpoint).copied().unwrap_or(0));
        let all = f64::from(self.awaited());
        let found = |in_flight| Bucket::new(endpoint, size, remaining, in_flight, self.share, now);
        match &mut self.buckets {
            Buckets::Unknown => self.buckets = Buckets::Shared(found(all)),
            Buckets::Apart(buckets) => {
                buckets.remove(&endpoint);
                buckets.push(endpoint, found(own));
            }
            Buckets::Shared(shared) => {
                let mut buckets = SmallMap::default();
                for other in self.endpoints.iter().filter(|other| **other != endpoint) {
                    buckets.push(*other, shared.clone());
                }
                buckets.push(endpoint, found(own));
                self.buckets = Buckets::Apart(buckets);
            }
        }
    }

    /// Records that the limit was reached all the same.
    pub(super) fn exceed(&mut self, endpoint: E, now: Instant) {
        if let Some(bucket) = self.buckets.of_mut(endpoint) {
            bucket.exceed(now);
        }
    }
}
