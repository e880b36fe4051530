//! The state of a lane: its attempts and its pauses.

use crate::contract::failure::FailureKind;
use crate::resource::Trouble;
use crate::time::instant::Instant;

/// Attempts in a row before a lane's retries are exhausted. Pauses of 1, 2, 4 and
/// 8 seconds lie between them where the source states none: long enough for a
/// restart of its edge.
pub(super) const ATTEMPTS: u32 = 5;

/// The state of a lane.
#[derive(Clone, Debug, Default)]
pub(super) struct LaneState {
    /// Whether a request is under way.
    pub(super) in_flight: bool,
    /// Not before this instant.
    pub(super) not_before: Instant,
    /// Failures in a row.
    attempts: u32,
    /// The last of those failures.
    trouble: Option<Trouble>,
}

impl LaneState {
    /// Whether a request may begin.
    pub(super) fn is_ready(&self, now: Instant) -> bool {
        self.is_idle() && self.not_before <= now
    }

    /// Whether a request may begin at some time.
    pub(super) fn is_idle(&self) -> bool {
        !self.in_flight && self.exhausted().is_none()
    }

    /// The last failure, if retries are exhausted: the other lanes go on without
    /// this one.
    pub(super) fn exhausted(&self) -> Option<&Trouble> {
        self.trouble.as_ref().filter(|_| self.attempts >= ATTEMPTS)
    }

    /// The failure after which the lane pauses.
    pub(super) fn pausing(&self, now: Instant) -> Option<&Trouble> {
        self.trouble.as_ref().filter(|_| self.not_before > now)
    }

    /// Records a success.
    pub(super) fn succeed(&mut self) {
        self.attempts = 0;
        self.trouble = None;
    }

    /// Records a failure that a later attempt may not meet; `pause` is what the
    /// source stated.
    pub(super) fn fail(&mut self, trouble: Trouble, pause: Option<u64>, now: Instant) {
        self.attempts += 1;
        self.not_before = now.later_by(pause.unwrap_or_else(|| backoff(self.attempts, now)));
        self.trouble = Some(trouble);
    }

    /// Allows new attempts, for another request.
    pub(super) fn reset(&mut self) {
        if self.exhausted().is_some() {
            self.succeed();
            self.not_before = Instant::START;
        }
    }
}

/// What is said of a lane whose retries are exhausted, `place` being what it reads.
pub(super) fn summary(place: &str, trouble: &Trouble, pause: u64) -> String {
    format!(
        "For {place}, {}, {ATTEMPTS} times in a row. Sync again in {} s: records read so far are stored, and the run continues from there.",
        trouble.what,
        pause.div_ceil(1000)
    )
}

/// Of several troubles, the one to report: a limit says more than an outage.
pub(super) fn foremost<'a>(troubles: impl Iterator<Item = &'a Trouble>) -> Option<&'a Trouble> {
    let mut first = None;
    for trouble in troubles {
        if trouble.kind == FailureKind::RateLimited {
            return Some(trouble);
        }
        first = first.or(Some(trouble));
    }
    first
}

/// A second, doubled with each failure, up to a minute, and up to a quarter
/// more: clients that failed together do not return together.
fn backoff(attempts: u32, now: Instant) -> u64 {
    let base = 1000u64.saturating_mul(1 << attempts.saturating_sub(1).min(6)).min(60_000);
    // Fibonacci hashing spreads neighbouring instants; no randomness is
    // imported.
    let spread = now.millis().wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    base + spread % (base / 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::Cause;

    #[test]
    fn a_lane_that_fails_again_and_again_is_exhausted() {
        let (kind, cause) = (FailureKind::Transient, Cause::Outage);
        let trouble = Trouble { kind, cause, what: "x".to_owned(), status: None };
        let mut lane = LaneState::default();
        for attempt in 1..=ATTEMPTS {
            assert!(lane.exhausted().is_none());
            lane.fail(trouble.clone(), None, Instant::START);
            let base = 1000 << (attempt - 1);
            assert!((base..base + base / 4).contains(&lane.not_before.millis()));
        }
        assert_eq!(lane.exhausted(), Some(&trouble));
        lane.reset();
        assert!(lane.is_ready(Instant::START));
    }
}
