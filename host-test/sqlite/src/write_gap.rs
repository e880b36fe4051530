//! Gaps between transactions, for other writers.

use std::time::{Duration, Instant};

/// The tries of a writer that waits for no lock, and tries every 50 ms, cannot all
/// miss a gap of this length.
const GAP: Duration = Duration::from_millis(60);

/// Such a writer gets through once a second: within this time, the transaction that
/// is under way when it ends, and the gap.
const PERIOD: Duration = Duration::from_millis(800);

/// How long the write lock was held recently, from which follows when to leave it.
///
/// rawdash's server opens the file without a busy timeout unless configured otherwise, so
/// each of its writes that meets a transaction fails. While the source sets the pace,
/// the lock is free most of the time, and nothing is to be done. Where the disk does,
/// one transaction would follow the other for the whole of a first sync.
#[derive(Debug, Default)]
pub(super) struct WriteGap {
    pub(super) period: Option<Period>,
}

/// The time since the last gap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Period {
    begin: Instant,
    /// The time of it in which the lock was held.
    held: Duration,
    /// When the lock was released last.
    released: Instant,
}

impl WriteGap {
    /// How long to leave the lock alone before the next transaction begins.
    pub(super) fn pause(&mut self, now: Instant) -> Duration {
        let Some(period) = self.period else { return Duration::ZERO };
        let gap = now.saturating_duration_since(period.released);
        let span = now.saturating_duration_since(period.begin);
        if gap < GAP && span < PERIOD {
            return Duration::ZERO;
        }
        self.period = None;
        // Where the lock is free for three quarters of the time, most tries succeed,
        // unless they are in step with it.
        let crowded = period.held.saturating_mul(4) > span;
        if crowded { GAP.saturating_sub(gap) } else { Duration::ZERO }
    }

    /// A transaction held the lock.
    pub(super) fn held(&mut self, begin: Instant, end: Instant) {
        let period =
            self.period.get_or_insert(Period { begin, held: Duration::ZERO, released: end });
        period.held = period.held.saturating_add(end.saturating_duration_since(begin));
        period.released = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    const TRY: Duration = Duration::from_millis(50);

    /// When the lock is held, in a sync whose steps take this long to be read and to
    /// be stored, in microseconds.
    fn held(steps: impl IntoIterator<Item = (u64, u64)>) -> Vec<(Duration, Duration)> {
        let mut write_gap = WriteGap::default();
        let begin = Instant::now();
        let mut now = begin;
        let mut held = Vec::new();
        for (reading, storing) in steps {
            now += Duration::from_micros(reading);
            now += write_gap.pause(now);
            let end = now + Duration::from_micros(storing);
            write_gap.held(now, end);
            held.push((now - begin, end - begin));
            now = end;
        }
        held
    }

    /// When a writer gets through that tries every 50 ms from `first` on.
    fn gets_through(held: &[(Duration, Duration)], first: Duration) -> Vec<Duration> {
        let end = held.last().unwrap().1;
        let tries = (0..).map(|n| first + TRY * n).take_while(|at| *at < end);
        let mut spans = held.iter().peekable();
        let free = |at: &Duration| {
            while spans.next_if(|(_, end)| end <= at).is_some() {}
            spans.peek().is_none_or(|(begin, _)| at < begin)
        };
        tries.filter(free).collect()
    }

    fn longest_wait(held: &[(Duration, Duration)], first: Duration) -> Duration {
        let end = held.last().unwrap().1;
        let mut at = vec![Duration::ZERO];
        at.extend(gets_through(held, first));
        at.push(end);
        at.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap()
    }

    proptest! {
        #[test]
        fn a_writer_of_another_kind_gets_through_once_a_second(
            steps in vec((0..4_000_u64, 2_000..90_000_u64), 100..400),
            first in 0..50_000_u64,
        ) {
            let waited = longest_wait(&held(steps), Duration::from_micros(first));
            prop_assert!(waited <= Duration::from_secs(1), "{waited:?}");
        }

        #[test]
        fn gaps_cost_a_sync_no_more_than_a_tenth_of_its_time(
            steps in vec((0..20_000_u64, 0..90_000_u64), 1..400),
        ) {
            let needed: u64 = steps.iter().map(|(reading, storing)| reading + storing).sum();
            let taken = held(steps).last().unwrap().1;
            prop_assert!(taken <= Duration::from_micros(needed).mul_f64(1.1), "{taken:?}");
        }
    }

    #[test]
    fn a_sync_whose_pace_the_source_sets_is_not_slowed_down() {
        let held = held((0..1000).map(|_| (20_000, 5_000)));
        assert_eq!(held.last().unwrap().1, Duration::from_millis(25 * 1000));
    }
}
