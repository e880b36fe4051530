//! Daily statistics, as the body of an answer.

use auth0_connector::auth0::cell::Oddities;
use auth0_connector::run::stats::Stats;
use auth0_connector::timestamp::{DAY, Timestamp};

use crate::batches::check_yield;
use crate::requests::check_path;
use crate::tenant::noon;

/// Reads the statistics of some runs, with the same page for every answer;
/// each run comes to its end.
pub fn stats_page(data: &[u8]) {
    let Ok(body) = std::str::from_utf8(data) else { return };
    let mut stats = Stats::default();
    let epoch = Timestamp::AUTH0_BEGAN.earlier_by(i64::MAX);
    let runs = [
        (true, noon(), None, 30),
        (false, noon().later_by(DAY), None, 1),
        (true, noon().later_by(DAY), Some(Timestamp::AUTH0_BEGAN), 100_000),
        // A tenant whose clock is wrong.
        (true, epoch, None, 30),
        (true, epoch.later_by(i64::MAX), None, 30),
    ];
    for (full, date, since, lookback) in runs {
        stats.begin(full, date, since, lookback);
        while let Some(request) = stats.request() {
            check_path(&request);
            let Some(brought) = stats.take(body, &mut Oddities::default()) else { return };
            check_yield(&brought);
        }
        assert!(stats.is_whole());
    }
}
