//! The statistics of a tenant.

use super::State;
use crate::instant::day_of;
use crate::stats::{Counted, DailyStats, daily};

impl State {
    /// The daily statistics as of now: ascending, quiet days missing.
    #[must_use]
    pub fn stats(&self) -> Vec<DailyStats> {
        let counted = Counted {
            seed: self.options.seed,
            events: self.logs.events(),
            since: self.logs.start(),
            signups: self.users.signups(),
        };
        daily(&counted, &self.fixed_stats, self.now())
    }

    /// Replaces the row of the day that contains `unix_ms`, or makes that day
    /// quiet.
    pub fn set_stats(&mut self, unix_ms: i64, json: Option<&str>) {
        let row = json.map(str::to_owned);
        self.fixed_stats.insert(day_of(unix_ms), row);
    }
}
