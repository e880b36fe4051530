//! When the next sync of `sync --every` begins, decided from what two clocks show.

use std::time::Duration;

use time::OffsetDateTime;

/// The share of a span by which a sync may be later, so that many machines do not all
/// sync at the same moment.
const JITTER: u32 = 10;

/// The least time between a sync and one that follows it before the interval is over.
const SHORTEST_PAUSE: Duration = Duration::from_secs(30);

/// What both clocks of the machine show at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// The time of day, which may be set forward or back.
    pub(super) wall: OffsetDateTime,
    /// Never set, but on many systems it stands still while the machine is suspended.
    pub(super) monotonic: Duration,
}

impl Reading {
    /// The time from this moment to `now`. A suspend counts, and so does a clock that is
    /// set forward; a clock that is set back does not make it shorter.
    fn elapsed(self, now: Reading) -> Duration {
        let by_wall = Duration::try_from(now.wall - self.wall).unwrap_or(Duration::ZERO);
        by_wall.max(now.monotonic.saturating_sub(self.monotonic))
    }
}

/// A sync that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Round {
    /// When it began.
    pub(super) begun: Reading,
    /// When it ended.
    pub(super) ended: Reading,
    /// How long after its end the source can be read again, where it was postponed and
    /// that is known.
    pub(super) return_after: Option<Duration>,
}

/// When the next sync begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    from: Reading,
    after: Duration,
}

impl Due {
    /// An interval after the last sync began, or as soon as the source can be read again.
    /// There is one moment, not a list of them: what a long sync or a suspend has missed
    /// is not caught up. `random` is any number.
    pub(super) fn next(every: Duration, last: Round, random: u64) -> Due {
        match last.return_after {
            None => {
                let after = every.saturating_add(jitter(every, random));
                Due { from: last.begun, after }
            }
            Some(wait) => {
                let wait = wait.max(every.min(SHORTEST_PAUSE));
                let after = wait.saturating_add(jitter(wait.min(every), random));
                Due { from: last.ended, after }
            }
        }
    }

    /// How long it is until then; zero when it is time.
    pub(super) fn left(&self, now: Reading) -> Duration {
        self.after.saturating_sub(self.from.elapsed(now))
    }
}

/// A span between none and a part of this one.
fn jitter(span: Duration, random: u64) -> Duration {
    (span / JITTER).mul_f64(random as f64 / u64::MAX as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOON: OffsetDateTime = time::macros::datetime!(2026-03-01 12:00 UTC);
    const START: Reading = Reading { wall: NOON, monotonic: Duration::from_secs(77) };

    fn spans() -> impl Strategy<Value = Duration> {
        (1_u64..200_000_000).prop_map(Duration::from_millis)
    }

    /// Later, as a clock that nobody sets and a machine that is not suspended show it.
    fn later(from: Reading, span: Duration) -> Reading {
        Reading { wall: from.wall + span, monotonic: from.monotonic + span }
    }

    proptest! {
        #[test]
        fn a_sync_is_never_sooner_than_its_interval_and_at_most_a_tenth_later(
            every in spans(), took in spans(), random: u64,
        ) {
            let round = Round { begun: START, ended: later(START, took), return_after: None };
            let due = Due::next(every, round, random);
            let left = due.left(round.ended);
            prop_assert!(took + left >= every);
            prop_assert!(left <= (every + every / JITTER).saturating_sub(took));
        }

        #[test]
        fn a_source_is_not_read_before_the_time_that_it_named(
            every in spans(), took in spans(), wait in spans(), random: u64,
        ) {
            let ended = later(START, took);
            let round = Round { begun: START, ended, return_after: Some(wait) };
            let left = Due::next(every, round, random).left(ended);
            prop_assert!(left >= wait && left >= every.min(SHORTEST_PAUSE));
            prop_assert!(left <= wait.max(SHORTEST_PAUSE) + every / JITTER, "{left:?}");
        }

        #[test]
        fn a_suspend_makes_one_sync_late_and_none_double(
            every in spans(), intervals in 1_u32..50, slept in 0.0..1.0, random: u64,
        ) {
            let round = Round { begun: START, ended: START, return_after: None };
            let due = Due::next(every, round, random);
            let asleep = every * 2 * intervals + every.mul_f64(slept);
            // The monotonic clock stood still meanwhile.
            let awake = Reading { wall: START.wall + asleep, ..START };
            prop_assert_eq!(due.left(awake), Duration::ZERO);
            let late = Round { begun: awake, ended: awake, return_after: None };
            prop_assert!(Due::next(every, late, random).left(awake) >= every);
        }

        #[test]
        fn a_clock_that_is_set_back_delays_no_sync(
            every in spans(), took in spans(), back in spans(), random: u64,
        ) {
            let round = Round { begun: START, ended: START, return_after: None };
            let due = Due::next(every, round, random);
            let now = later(START, took);
            let set_back = Reading { wall: now.wall - back, ..now };
            prop_assert_eq!(due.left(set_back), due.left(now));
        }

        /// Whatever happens to the clocks: each slice of time counts as the longer of what
        /// they show, and no more syncs begin than intervals fit into that.
        #[test]
        fn no_clock_makes_syncs_follow_each_other_faster_than_the_interval(
            every in spans(), random: u64,
            slices in prop::collection::vec((0_u64..300_000_000, -300_000_000_i64..300_000_000), 1..60),
        ) {
            let mut now = START;
            let mut due = Due::next(every, Round { begun: now, ended: now, return_after: None }, random);
            let (mut begun, mut elapsed) = (1_u128, Duration::ZERO);
            for (monotonic, wall) in slices {
                let monotonic = Duration::from_millis(monotonic);
                now.monotonic += monotonic;
                now.wall += time::Duration::milliseconds(wall);
                let wall = Duration::from_millis(u64::try_from(wall).unwrap_or(0));
                elapsed += monotonic.max(wall);
                if due.left(now).is_zero() {
                    begun += 1;
                    let round = Round { begun: now, ended: now, return_after: None };
                    due = Due::next(every, round, random);
                }
            }
            prop_assert!(begun <= 1 + elapsed.as_millis() / every.as_millis());
        }
    }

    #[test]
    fn machines_that_start_together_do_not_sync_together() {
        let round = Round { begun: START, ended: START, return_after: None };
        let hour = Duration::from_hours(1);
        let left = |random| Due::next(hour, round, random).left(START);
        assert_eq!(left(0), hour);
        assert_eq!(left(u64::MAX / 2), hour + Duration::from_mins(3));
        assert_eq!(left(u64::MAX), hour + Duration::from_mins(6));
    }
}
