//! One of Auth0's token buckets, as far as its answers show it, and our own
//! beside it.
//!
//! Auth0 tells the size and the content, not the speed. Ours is as large as
//! our share of the size and fills with our share of the speed that is seen;
//! a request takes one from it. What others take from Auth0's bucket slows the
//! speed that is seen, and so slows us: the tenant's own production goes first.

use crate::resource::Resource;
use crate::run::Instant;

/// Per second, of a bucket's size: the slowest plan known fills a sixth of
/// `burst 10, 100 a minute` in a second. Used until the speed is seen.
const ASSUMED_SPEED: f64 = 0.16;
/// The one plan with a bucket as small as this fills it once a second.
const ASSUMED_SPEED_OF_SMALL: f64 = 1.0;
/// Requests that a small bucket holds less than: one that is empty after each
/// request even at the right speed, so that its content shows nothing.
const SMALL: f64 = 5.0;
/// What is kept in a small bucket against answers that come unevenly.
const MARGIN: f64 = 0.25;
/// What is left in every other bucket, whatever the share: while something is
/// there, its content shows whether the speed is right. To it comes what some
/// plans add only by the second, of the size a fourth at most.
const LEFT: f64 = 1.0;
const STEP: f64 = 1_000.0;
const MOST_OF_A_STEP: f64 = 0.25;
/// Our content is never taken to be less: some requests go on while others
/// empty the bucket, and tell when that ends.
const LEAST: f64 = -1.0;

/// Milliseconds between two looks at the content.
const LOOK: u64 = 1_000;
/// Milliseconds of looks that make a speed, and that make it sure: the first
/// and the last may each be wrong by what is added in a second.
const ENOUGH: f64 = 3_000.0;
const SURE: f64 = 30_000.0;

/// How much faster to try where the bucket is full and its speed was not seen.
const TRY_FASTER: f64 = 2.0;
/// Per second, of the size: no plan known fills faster.
const FASTEST: f64 = 1.0;
/// How much faster to try after others had made it slower.
const RECOVER: f64 = 1.05;
/// How much slower to go when a small bucket was empty all the same.
const SLOWER: f64 = 0.9;
/// Per second, of the size: a speed below this would never be seen to rise.
const SLOWEST: f64 = 0.01;
/// The part of what is kept for others that is kept until the speed is sure.
const UNSURE: f64 = 0.5;
/// Requests a millisecond that are asked for all the same, however little the
/// others leave: a run that slowed down with what it sees would never end.
const LEAST_SPEED: f64 = 1.0 / 60_000.0;
/// How much slower to go while more was taken than the share.
const REPAY: f64 = 0.5;

/// A bucket. Times are in milliseconds, speeds in requests a millisecond.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    size: f64,
    share: f64,
    speed: f64,
    /// The fastest that Auth0 was seen to add or, until that is sure, may.
    fastest: f64,
    content: f64,
    filled_at: Instant,
    in_flight: f64,
    look: Look,
    /// What was added, and in which time, between looks that lost nothing.
    added: f64,
    passed: f64,
    /// Whether the speed is sure. Until then requests go at all of it, but for
    /// what is kept: a bucket that is full shows nothing.
    sure: bool,
    began: Instant,
    /// What was taken until then, and then what of it was beyond the share.
    borrowed: f64,
}

/// The content that Auth0 told last to one endpoint, and what was sent since.
/// Should another endpoint have a bucket of its own after all, its content
/// must not be taken for this one's.
#[derive(Clone, Copy, Debug)]
struct Look {
    endpoint: Resource,
    remaining: f64,
    at: Instant,
    sent: f64,
}

impl Bucket {
    /// A bucket of a size above 0, which an answer for an endpoint told, with
    /// so many requests still in flight.
    pub(super) fn new(
        endpoint: Resource,
        size: u32,
        remaining: f64,
        in_flight: f64,
        share: f64,
        now: Instant,
    ) -> Bucket {
        let size = f64::from(size);
        let small = size < SMALL;
        let assumed = if small { ASSUMED_SPEED_OF_SMALL } else { ASSUMED_SPEED };
        let speed = size * assumed / 1000.0;
        Bucket {
            size,
            share,
            speed,
            fastest: size * FASTEST / 1000.0,
            content: size * share - 1.0 - in_flight,
            filled_at: now,
            in_flight,
            look: Look { endpoint, remaining, at: now, sent: in_flight },
            added: 0.0,
            passed: 0.0,
            sure: small,
            began: now,
            // Of a speed that is assumed, nothing has to be given back.
            borrowed: if small { 0.0 } else { 1.0 + in_flight },
        }
    }

    /// Whether an answer that told this size was of this bucket.
    pub(super) fn has_size(&self, size: u32) -> bool {
        self.size == f64::from(size)
    }

    fn is_small(&self) -> bool {
        self.size < SMALL
    }

    /// What a request needs to find here.
    fn needed(&self) -> f64 {
        if self.is_small() { 1.0 + MARGIN } else { 1.0 }
    }

    /// What is kept for others.
    fn kept(&self) -> f64 {
        let kept = self.size * (1.0 - self.share);
        // The speed shows only where the content falls.
        let kept = if self.sure { kept } else { kept * UNSURE };
        if self.is_small() {
            return kept;
        }
        kept.max(LEFT + self.step())
    }

    /// What is added at once, where it is added only by the second.
    fn step(&self) -> f64 {
        (self.speed * STEP).min(self.size * MOST_OF_A_STEP)
    }

    /// The part of the speed that is used.
    fn part(&self) -> f64 {
        match self.sure {
            false => 1.0,
            true if self.borrowed > 0.0 => self.share * REPAY,
            true => self.share,
        }
    }

    /// Requests a millisecond.
    fn speed_used(&self) -> f64 {
        (self.speed * self.part()).max(LEAST_SPEED)
    }

    fn content_at(&self, now: Instant) -> f64 {
        let passed = now.saturating_sub(self.filled_at) as f64;
        let most = (self.size * self.share).max(self.needed());
        (self.content + passed * self.speed_used()).min(most)
    }

    fn fill(&mut self, now: Instant) {
        if self.sure {
            let passed = now.saturating_sub(self.filled_at) as f64;
            self.borrowed -= passed * self.speed * (self.share - self.part());
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
        now.saturating_add(pause.ceil().clamp(1.0, 60_000.0) as u64)
    }

    /// Notes a request that is sent.
    pub(super) fn send(&mut self, now: Instant) {
        self.fill(now);
        self.content -= 1.0;
        self.look.sent += 1.0;
        self.in_flight += 1.0;
        if !self.sure {
            self.borrowed += 1.0;
        }
    }

    /// Notes that a request is no longer in flight.
    pub(super) fn arrive(&mut self) {
        self.in_flight = (self.in_flight - 1.0).max(0.0);
    }

    /// Notes what an answer for an endpoint told.
    pub(super) fn hear(&mut self, endpoint: Resource, remaining: f64, now: Instant) {
        self.fill(now);
        if self.is_full(remaining) {
            self.find_full(endpoint, remaining, now);
        } else if self.look.endpoint == endpoint {
            self.measure(remaining, now);
        }
        if !self.is_small() {
            let left = remaining - self.in_flight - self.kept();
            // Nearly empty: whatever the speed is taken to be, a second's pause.
            let pause = if remaining <= LEFT { self.speed * STEP } else { 0.0 };
            self.content = self.content.min(left.max(LEAST - pause));
        }
    }

    /// Whether it was full, maybe, since the answer before: one is missing
    /// right after our request, and others may have taken of a step too.
    fn is_full(&self, remaining: f64) -> bool {
        let step = if self.is_small() { 0.0 } else { self.step() };
        remaining + 1.0 + step >= self.size
    }

    /// A full bucket tells only that it fills faster than it is used: what was
    /// added beyond its size was lost.
    fn find_full(&mut self, endpoint: Resource, remaining: f64, now: Instant) {
        if now.saturating_sub(self.look.at) >= LOOK {
            if self.speed >= self.fastest {
                // Full even so: it cannot be tried any faster.
                self.be_sure(now);
            }
            let faster = if self.sure { RECOVER } else { TRY_FASTER };
            self.speed = (self.speed * faster).min(self.fastest);
        } else if self.is_full(self.look.remaining) {
            return;
        }
        self.look = Look { endpoint, remaining, at: now, sent: self.in_flight };
    }

    /// What Auth0 added since the last look is what its content grew by and
    /// what was sent.
    fn measure(&mut self, remaining: f64, now: Instant) {
        let passed = now.saturating_sub(self.look.at);
        if passed < LOOK || self.is_small() {
            return;
        }
        if !self.is_full(self.look.remaining) {
            self.added += remaining - self.look.remaining + self.look.sent - self.in_flight;
            self.passed += passed as f64;
        }
        self.look = Look { remaining, at: now, sent: self.in_flight, ..self.look };
        if self.passed < ENOUGH {
            return;
        }
        self.speed = (self.added / self.passed).max(self.size * SLOWEST / 1000.0);
        if self.passed >= SURE {
            if !self.sure {
                self.fastest = self.speed;
                self.be_sure(now);
            }
            self.fastest = self.fastest.max(self.speed);
            self.added /= 2.0;
            self.passed /= 2.0;
        }
    }

    /// From now on the share is kept to, and what was taken beyond it is given
    /// back.
    fn be_sure(&mut self, now: Instant) {
        if !self.sure {
            self.sure = true;
            let lasted = now.saturating_sub(self.began) as f64;
            self.borrowed -= self.share * (self.size + self.speed * lasted);
        }
    }

    /// Notes that the limit was met all the same: the request took nothing.
    pub(super) fn exceed(&mut self, now: Instant) {
        self.fill(now);
        self.content = self.content.min(LEAST);
        self.look.sent = (self.look.sent - 1.0).max(0.0);
        if self.is_small() {
            self.speed *= SLOWER;
        }
    }
}
