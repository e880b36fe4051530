//! An estimate of how fast one of the source's token buckets refills.
//!
//! Replies state the size and the content, not the speed. What others take from
//! the bucket slows the speed that is seen.

use crate::time::instant::Instant;

/// Per second, of a bucket's size: the slowest plan known adds a sixth of
/// `burst 10, 100 a minute` in a second. Used until the speed is seen.
const ASSUMED_SPEED: f64 = 0.16;
/// The one plan with a bucket as small as this refills it once a second.
const ASSUMED_SPEED_OF_SMALL: f64 = 1.0;
/// Requests that a small bucket holds less than: one that is empty after each
/// request even at the right speed, so that its content shows nothing.
const SMALL: f64 = 5.0;
/// Milliseconds; some plans add only once in so many, a fourth of the size at most.
const STEP: f64 = 1_000.0;
const MOST_OF_A_STEP: f64 = 0.25;

/// Milliseconds between two looks at the content.
const LOOK: u64 = 1_000;
/// Milliseconds of looks that make a speed, and that make it sure: the first and
/// the last may each be wrong by what is added in a second.
const ENOUGH: f64 = 3_000.0;
const SURE: f64 = 30_000.0;

/// How much faster to try where the bucket is full and its speed was not seen.
const TRY_FASTER: f64 = 2.0;
/// Per second, of the size: no plan known refills faster.
const FASTEST: f64 = 1.0;
/// How much faster to try after others had made it slower.
const RECOVER: f64 = 1.05;
/// How much slower to go when a small bucket was empty all the same.
const SLOWER: f64 = 0.9;
/// Per second, of the size: a speed below this would never be seen to rise.
const SLOWEST: f64 = 0.01;

/// The estimate. Times are in milliseconds, speeds in requests a millisecond.
#[derive(Clone, Debug)]
pub(super) struct Refill<E> {
    size: f64,
    speed: f64,
    /// The fastest that the source was seen to add or, until that is sure, may.
    fastest: f64,
    look: Look<E>,
    /// What was added, and in which time, between looks that lost nothing.
    added: f64,
    passed: f64,
    sure: bool,
}

/// The content that was last stated to one endpoint, and what was sent since.
/// Should another endpoint have a bucket of its own after all, its content must
/// not be taken for this one's.
#[derive(Clone, Copy, Debug)]
struct Look<E> {
    endpoint: E,
    remaining: f64,
    at: Instant,
    sent: f64,
}

/// The speed at which the estimate became sure.
#[derive(Clone, Copy, Debug)]
pub(super) struct BecameSure {
    pub(super) speed: f64,
}

impl<E: Copy + PartialEq> Refill<E> {
    /// An estimate for a bucket of a size above 0, of which a reply stated what
    /// remains, with so many requests still in flight.
    pub(super) fn new(
        endpoint: E,
        size: f64,
        remaining: f64,
        in_flight: f64,
        now: Instant,
    ) -> Refill<E> {
        let small = size < SMALL;
        let assumed = if small { ASSUMED_SPEED_OF_SMALL } else { ASSUMED_SPEED };
        Refill {
            size,
            speed: size * assumed / 1000.0,
            fastest: size * FASTEST / 1000.0,
            look: Look { endpoint, remaining, at: now, sent: in_flight },
            added: 0.0,
            passed: 0.0,
            sure: small,
        }
    }

    /// The size of the bucket.
    pub(super) fn size(&self) -> f64 {
        self.size
    }

    /// Whether the bucket is too small for its content to show anything.
    pub(super) fn is_small(&self) -> bool {
        self.size < SMALL
    }

    /// Requests a millisecond.
    pub(super) fn speed(&self) -> f64 {
        self.speed
    }

    /// Whether the speed is sure.
    pub(super) fn is_sure(&self) -> bool {
        self.sure
    }

    /// Requests that are added in a second.
    pub(super) fn in_a_second(&self) -> f64 {
        self.speed * STEP
    }

    /// What is added at once, where it is added only by the second.
    pub(super) fn step(&self) -> f64 {
        self.in_a_second().min(self.size * MOST_OF_A_STEP)
    }

    /// Records a request that is sent.
    pub(super) fn send(&mut self) {
        self.look.sent += 1.0;
    }

    /// Records that the limit was reached all the same: the request took nothing.
    pub(super) fn exceed(&mut self) {
        self.look.sent = (self.look.sent - 1.0).max(0.0);
        if self.is_small() {
            self.speed *= SLOWER;
        }
    }

    /// Takes what a reply for an endpoint stated, with so many requests still in
    /// flight.
    pub(super) fn hear(
        &mut self,
        endpoint: E,
        remaining: f64,
        in_flight: f64,
        now: Instant,
    ) -> Option<BecameSure> {
        if self.is_full(remaining) {
            self.find_full(endpoint, remaining, in_flight, now)
        } else if self.look.endpoint == endpoint {
            self.measure(remaining, in_flight, now)
        } else {
            None
        }
    }

    /// Whether it may have been full since the reply before: one is missing
    /// right after our request, and others may have taken of a step too.
    fn is_full(&self, remaining: f64) -> bool {
        let step = if self.is_small() { 0.0 } else { self.step() };
        remaining + 1.0 + step >= self.size
    }

    /// A full bucket shows only that it refills faster than it is used: what was
    /// added beyond its size was lost.
    fn find_full(
        &mut self,
        endpoint: E,
        remaining: f64,
        in_flight: f64,
        now: Instant,
    ) -> Option<BecameSure> {
        let mut became = None;
        if now.since(self.look.at) >= LOOK {
            if self.speed >= self.fastest {
                // Full even so: no faster speed can be tried.
                became = self.become_sure();
            }
            let faster = if self.sure { RECOVER } else { TRY_FASTER };
            self.speed = (self.speed * faster).min(self.fastest);
        } else if self.is_full(self.look.remaining) {
            return None;
        }
        self.look = Look { endpoint, remaining, at: now, sent: in_flight };
        became
    }

    /// What was added since the last look is what the content grew by and what
    /// was sent.
    fn measure(&mut self, remaining: f64, in_flight: f64, now: Instant) -> Option<BecameSure> {
        let passed = now.since(self.look.at);
        if passed < LOOK || self.is_small() {
            return None;
        }
        if !self.is_full(self.look.remaining) {
            self.added += remaining - self.look.remaining + self.look.sent - in_flight;
            self.passed += passed as f64;
        }
        self.look = Look { remaining, at: now, sent: in_flight, ..self.look };
        if self.passed < ENOUGH {
            return None;
        }
        self.speed = (self.added / self.passed).max(self.size * SLOWEST / 1000.0);
        if self.passed < SURE {
            return None;
        }
        if !self.sure {
            self.fastest = self.speed;
        }
        self.fastest = self.fastest.max(self.speed);
        self.added /= 2.0;
        self.passed /= 2.0;
        self.become_sure()
    }

    fn become_sure(&mut self) -> Option<BecameSure> {
        let first = !std::mem::replace(&mut self.sure, true);
        first.then_some(BecameSure { speed: self.speed })
    }
}
