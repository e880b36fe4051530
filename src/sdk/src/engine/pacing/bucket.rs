//! Our own token bucket beside one of the source's.
//!
//! It is as large as our share of the size and refills with our share of the
//! speed that is seen; a request takes one from it. What others take from the
//! source's bucket slows the speed that is seen, and so slows us: the tenant's
//! own production goes first.

use super::refill::Refill;
use crate::time::instant::Instant;

/// What is left in a small bucket against replies that arrive unevenly.
const MARGIN: f64 = 0.25;
/// What is left in every other bucket, whatever the share: while something is
/// there, its content shows whether the speed is right. To it is added what some
/// plans add only by the second.
const LEFT: f64 = 1.0;
/// Our content is never taken to be less: some requests go on while others empty
/// the bucket, and show when that ends.
const LEAST: f64 = -1.0;
/// The part of what is left to others that is left until the speed is sure.
const UNSURE: f64 = 0.5;
/// Requests a millisecond that are sent all the same, however little the others
/// leave: a run that slowed down with what it sees would never end.
const LEAST_SPEED: f64 = 1.0 / 60_000.0;
/// How much slower to go while more was taken than the share.
const REPAY: f64 = 0.5;

/// A bucket. Times are in milliseconds, speeds in requests a millisecond.
#[derive(Clone, Debug)]
pub(super) struct Bucket<E> {
    refill: Refill<E>,
    share: f64,
    content: f64,
    filled_at: Instant,
    in_flight: f64,
    began: Instant,
    /// What was taken until the speed was sure, and then what of it was beyond
    /// the share. Until then requests go at all of the speed, but for what is
    /// left to others: a bucket that is full shows nothing.
    borrowed: f64,
}

impl<E: Copy + PartialEq> Bucket<E> {
    /// A bucket of a size above 0, which a reply for an endpoint stated, with so
    /// many requests still in flight.
    pub(super) fn new(
        endpoint: E,
        size: u32,
        remaining: f64,
        in_flight: f64,
        share: f64,
        now: Instant,
    ) -> Bucket<E> {
        let size = f64::from(size);
        let refill = Refill::new(endpoint, size, remaining, in_flight, now);
        // Of a speed that is assumed, nothing has to be given back.
        let borrowed = if refill.is_small() { 0.0 } else { 1.0 + in_flight };
        let content = size * share - 1.0 - in_flight;
        Bucket { refill, share, content, filled_at: now, in_flight, began: now, borrowed }
    }

    /// Whether a reply that stated this size was of this bucket.
    pub(super) fn has_size(&self, size: u32) -> bool {
        self.refill.size() == f64::from(size)
    }

    /// What a request needs to find here.
    fn needed(&self) -> f64 {
        if self.refill.is_small() { 1.0 + MARGIN } else { 1.0 }
    }

    /// What is left to others.
    fn left(&self) -> f64 {
        let left = self.refill.size() * (1.0 - self.share);
        // The speed shows only where the content falls.
        let left = if self.refill.is_sure() { left } else { left * UNSURE };
        if self.refill.is_small() {
            return left;
        }
        left.max(LEFT + self.refill.step())
    }

    /// The part of the speed that is used.
    fn part(&self) -> f64 {
        match self.refill.is_sure() {
            false => 1.0,
            true if self.borrowed > 0.0 => self.share * REPAY,
            true => self.share,
        }
    }

    fn speed_used(&self) -> f64 {
        (self.refill.speed() * self.part()).max(LEAST_SPEED)
    }

    fn content_at(&self, now: Instant) -> f64 {
        let passed = now.since(self.filled_at) as f64;
        let most = (self.refill.size() * self.share).max(self.needed());
        (self.content + passed * self.speed_used()).min(most)
    }

    fn fill(&mut self, now: Instant) {
        if self.refill.is_sure() {
            let passed = now.since(self.filled_at) as f64;
            self.borrowed -= passed * self.refill.speed() * (self.share - self.part());
        }
        self.content = self.content_at(now);
        self.filled_at = now;
    }

    /// When the next request may be sent.
    pub(super) fn earliest(&self, now: Instant) -> Instant {
        let missing = self.needed() - self.content_at(now);
        if missing <= 0.0 {
            return now;
        }
        let pause = missing / self.speed_used();
        now.later_by(pause.ceil().clamp(1.0, 60_000.0) as u64)
    }

    /// Records a request that is sent.
    pub(super) fn send(&mut self, now: Instant) {
        self.fill(now);
        self.content -= 1.0;
        self.in_flight += 1.0;
        self.refill.send();
        if !self.refill.is_sure() {
            self.borrowed += 1.0;
        }
    }

    /// Records that a request is no longer in flight.
    pub(super) fn arrive(&mut self) {
        self.in_flight = (self.in_flight - 1.0).max(0.0);
    }

    /// Takes what a reply for an endpoint stated.
    pub(super) fn hear(&mut self, endpoint: E, remaining: f64, now: Instant) {
        self.fill(now);
        if let Some(sure) = self.refill.hear(endpoint, remaining, self.in_flight, now) {
            // From now on the share is respected, and what was taken beyond it
            // is given back.
            let lasted = now.since(self.began) as f64;
            self.borrowed -= self.share * (self.refill.size() + sure.speed * lasted);
        }
        if !self.refill.is_small() {
            let ours = remaining - self.in_flight - self.left();
            // Nearly empty: whatever the speed is taken to be, a second's pause.
            let pause = if remaining <= LEFT { self.refill.in_a_second() } else { 0.0 };
            self.content = self.content.min(ours.max(LEAST - pause));
        }
    }

    /// Records that the limit was reached all the same.
    pub(super) fn exceed(&mut self, now: Instant) {
        self.fill(now);
        self.content = self.content.min(LEAST);
        self.refill.exceed();
    }
}
