//! The daily statistics of a run: which days are read, and what replaces what.

use serde::{Deserialize, Serialize};

use crate::auth0::daily;
use crate::auth0::request::Request;
use crate::engine::timestamp::{Day, Timestamp};
use crate::json::anomalies::Anomalies;
use crate::rawdash::daily_active_users;
use crate::rawdash::record::{Effect, Records};
use crate::sync::page_outcome::PageOutcome;

/// Days in one request: a year is 60 KB.
const MOST_DAYS: i64 = 366;
/// A day's numbers change until late on the next day: so many days before the
/// end of the last window are read again.
const STILL_CHANGING: i64 = 2;

/// What the checkpoint knows of daily statistics.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    /// The last day of the last window that was read whole.
    until: Option<Day>,
    /// The days of this run that are left, both included.
    left: Option<(Day, Day)>,
}

impl Stats {
    /// Chooses the days. A full run reads the lookback, a latest run what may
    /// have changed; `since` reaches further back, and neither leaves a hole
    /// behind the last window.
    pub fn begin(
        &mut self,
        full: bool,
        date: Timestamp,
        since: Option<Timestamp>,
        lookback_days: u32,
    ) {
        let to = date.day();
        let lookback = since.map_or_else(|| to.plus(1 - i64::from(lookback_days)), Timestamp::day);
        let changing = self.until.map(|until| until.plus(-STILL_CHANGING));
        let from = match changing {
            Some(changing) if full => lookback.min(changing),
            Some(changing) => since.map_or(changing, |since| since.day().min(changing)),
            None => lookback,
        };
        // No `clamp`: a tenant whose clock stands before Auth0 began has the
        // two the wrong way round.
        self.left = Some((from.max(Timestamp::AUTH0_BEGAN.day()).min(to), to));
    }

    /// Whether the connector can have written this.
    pub fn is_sound(&self) -> bool {
        self.left.is_none_or(|(from, to)| from <= to)
    }

    /// Whether all days were read.
    pub fn is_whole(&self) -> bool {
        self.left.is_none()
    }

    fn window(&self) -> Option<(Day, Day)> {
        let (from, to) = self.left?;
        Some((from, to.min(from.plus(MOST_DAYS - 1))))
    }

    /// The next request.
    pub fn request(&self) -> Option<Request> {
        let (from, to) = self.window()?;
        Some(Request::Stats(from, to))
    }

    /// Takes the reply; `None` when it cannot be read.
    pub fn take(&mut self, body: &str, anomalies: &mut Anomalies) -> Option<PageOutcome> {
        let rows = daily::read_page(body)?;
        let (from, to) = self.window()?;
        let (_, last) = self.left?;
        let window = (from.start(), to.end());
        let mut samples = Vec::new();
        let mut days = 0;
        for row in &rows {
            match row {
                Some(row) => {
                    days += 1;
                    samples.extend(daily_active_users::samples(row, window, anomalies));
                }
                None => anomalies.count("a row", "is not an object"),
            }
        }
        // A page of anything but days must not empty the window.
        if days == 0 && !rows.is_empty() {
            return None;
        }
        self.left = (to < last).then(|| (to.plus(1), last));
        if self.left.is_none() {
            self.until = Some(last);
        }
        Some(PageOutcome {
            records: vec![(Records::Samples(samples), Effect::ReplaceWindow(window.0, window.1))],
            ..PageOutcome::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Timestamp {
        Timestamp::parse(&format!("{text}T12:00:00Z")).unwrap()
    }

    fn requested(stats: &Stats) -> String {
        stats.request().unwrap().path_and_query().replace("/api/v2/stats/daily?", "")
    }

    #[test]
    fn an_outage_leaves_no_hole_and_a_late_change_is_seen() {
        let mut stats = Stats::default();
        stats.begin(false, day("2026-11-24"), None, 30);
        assert_eq!(
            requested(&stats),
            "from=20261026&to=20261124",
            "no watermark yet: as in a full run"
        );
        stats.take("[]", &mut Anomalies::default()).unwrap();
        stats.begin(false, day("2026-12-24"), None, 30);
        assert_eq!(requested(&stats), "from=20261122&to=20261224");
        stats.take("[]", &mut Anomalies::default()).unwrap();
        stats.begin(true, day("2027-01-20"), None, 3);
        assert_eq!(
            requested(&stats),
            "from=20261222&to=20270120",
            "a short lookback reaches back to the last window"
        );
    }

    #[test]
    fn days_are_read_a_year_at_a_time() {
        let mut stats = Stats::default();
        stats.begin(true, day("2026-11-24"), Some(day("2000-01-01")), 30);
        let mut requests = 0;
        while stats.request().is_some() {
            stats.take("[]", &mut Anomalies::default()).unwrap();
            requests += 1;
        }
        assert_eq!(requests, 14);
    }

    #[test]
    fn rows_outside_of_the_window_are_dropped_and_counted() {
        let mut stats = Stats::default();
        stats.begin(true, day("2026-11-24"), None, 2);
        let body = r#"[{"date":"2026-11-22T00:00:00.000Z","logins":1,"signups":1},
            {"date":"2026-11-23T00:00:00.000Z","logins":2},{"date":"2026-11-24T00:00:00.000Z","logins":null,"signups":"3"},7]"#;
        let mut anomalies = Anomalies::default();
        let outcome = stats.take(body, &mut anomalies).unwrap();
        let [(Records::Samples(samples), Effect::ReplaceWindow(from, to))] = &outcome.records[..]
        else {
            panic!()
        };
        let values: Vec<_> =
            samples.iter().map(|sample| (sample.value, sample.attributes.as_str())).collect();
        assert_eq!(values, [(2.0, r#"{"kind":"logins"}"#), (3.0, r#"{"kind":"signups"}"#)]);
        assert_eq!(
            (from.to_string().as_str(), to.to_string().as_str()),
            ("2026-11-23T00:00:00.000Z", "2026-11-24T23:59:59.999Z")
        );
        assert_eq!(anomalies.total(), 2);
    }

    #[test]
    fn a_tenant_whose_clock_stands_before_auth0_began_does_not_break_the_run() {
        for date in ["1970-01-01", "2012-12-31"] {
            let mut stats = Stats::default();
            stats.begin(true, day(date), None, 30);
            let today = date.replace('-', "");
            assert_eq!(requested(&stats), format!("from={today}&to={today}"));
        }
    }

    #[test]
    fn a_stored_window_that_ends_before_it_begins_is_not_sound() {
        let days = |from: i64, to: i64| {
            let bytes = postcard::to_allocvec(&(None::<i64>, Some((from, to)))).unwrap();
            postcard::from_bytes::<Stats>(&bytes).map(|stats| stats.is_sound())
        };
        assert_eq!((days(4, 4), days(5, 4)), (Ok(true), Ok(false)));
        assert!(days(0, i64::MAX).is_err(), "not a day");
    }
}
