//! What is known of the source itself: its clock, and whether it was ever reached.

use crate::time::instant::Instant;
use crate::time::moment::Moment;
use crate::time::timestamp::Timestamp;

/// What is known of the source itself.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// The source's time, and when it was received.
    date: Option<(Timestamp, Instant)>,
    /// Whether it was ever reached, by this instance or an earlier one.
    pub(super) worked: bool,
}

impl Source {
    /// Takes the time that an answer states.
    pub(super) fn hear(&mut self, date: Option<Timestamp>, now: Moment) {
        if let Some(date) = date {
            self.date = Some((date, now.instant));
        }
    }

    /// Takes the host's time where the source has stated none.
    pub(super) fn assume(&mut self, now: Moment) {
        self.date.get_or_insert((now.wall, now.instant));
    }

    /// Whether a time is known.
    pub(super) fn has_time(&self) -> bool {
        self.date.is_some()
    }

    /// The source's time now, the host's where it has stated none.
    pub(super) fn time(&self, now: Moment) -> Timestamp {
        let Some((date, at)) = self.date else { return now.wall };
        date.later_by(i64::try_from(now.instant.since(at)).unwrap_or(i64::MAX))
    }
}
