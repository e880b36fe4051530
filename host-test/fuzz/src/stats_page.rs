//! Daily statistics, as the body of an answer.

use auth0_connector_core::engine::timestamp::{DAY, Timestamp};
use auth0_connector_core::json::anomalies::Anomalies;
use auth0_connector_core::sync::stats::Stats;

use crate::batches::check_outcome;
use crate::requests::check_path;
use crate::tenant::noon;

/// Reads the statistics of some runs, with the same page for every answer;
/// each run comes to its end.
pub fn stats_page(data: &[u8]) {
    let Ok(body) = std::str::from_utf8(data) else { return };
    let epoch = Timestamp::AUTH0_BEGAN.earlier_by(i64::MAX);
    let since = Some(Timestamp::AUTH0_BEGAN);
    read(
        body,
        &[
            (true, noon(), None, 30),
            (false, noon().later_by(DAY), None, 1),
            (true, noon().later_by(DAY), since, 100_000),
        ],
    );
    // Tenants whose clock is wrong, each alone: what lies between them is read
    // a year at a time.
    read(body, &[(true, epoch, None, 30)]);
    read(body, &[(true, epoch.later_by(i64::MAX), None, 30)]);
}

/// Some runs, each by its mode, date, `since` and lookback.
fn read(body: &str, runs: &[(bool, Timestamp, Option<Timestamp>, u32)]) {
    let mut stats = Stats::default();
    for (full, date, since, lookback) in runs {
        stats.begin(*full, *date, *since, *lookback);
        while let Some(request) = stats.request() {
            check_path(&request);
            let Some(brought) = stats.take(body, &mut Anomalies::default()) else { return };
            check_outcome(&brought);
        }
        assert!(stats.is_whole());
    }
}
