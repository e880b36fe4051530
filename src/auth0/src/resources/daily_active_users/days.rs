//! The days of a run: which are read, and what replaces what.

use rawdash_connector_sdk::contract::batch::{Effect, Window};
use rawdash_connector_sdk::contract::records::Records;
use rawdash_connector_sdk::json::anomalies::Anomalies;
use rawdash_connector_sdk::resource::PageOutcome;
use rawdash_connector_sdk::time::timestamp::{Day, Timestamp};
use serde::{Deserialize, Serialize};

use crate::api::{auth0_began, daily};
use crate::records::daily_active_users;

/// Days in one request: a year is 60 KB.
const MOST_DAYS: i64 = 366;
/// A day's numbers change until late on the next day: so many days before the
/// end of the last window are read again.
const STILL_CHANGING: i64 = 2;

/// The days of a run that are left to read.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Days {
    /// From a day to another, both included.
    Left(Day, Day),
    /// None.
    Read,
}

impl Days {
    /// Chooses the days. A full run reads the lookback, a latest run what may
    /// have changed since the last window, which ended with the day `until`;
    /// `since` reaches further back, and neither leaves a hole behind that window.
    pub fn begin(
        until: Option<Day>,
        full: bool,
        date: Timestamp,
        since: Option<Timestamp>,
        lookback_days: i64,
    ) -> Days {
        let to = date.day();
        let lookback = since.map_or_else(|| to.plus(1 - lookback_days), Timestamp::day);
        let changing = until.map(|until| until.plus(-STILL_CHANGING));
        let from = match changing {
            Some(changing) if full => lookback.min(changing),
            Some(changing) => since.map_or(changing, |since| since.day().min(changing)),
            None => lookback,
        };
        // No `clamp`: a tenant whose clock stands before Auth0 began has the
        // two the wrong way round.
        Days::Left(from.max(auth0_began().day()).min(to), to)
    }

    /// Whether the connector can have written this.
    pub fn is_sound(&self) -> bool {
        match self {
            Days::Left(from, to) => from <= to,
            Days::Read => true,
        }
    }

    /// The days of the next request, both included.
    pub fn window(&self) -> Option<(Day, Day)> {
        match self {
            Days::Left(from, to) => Some((*from, (*to).min(from.plus(MOST_DAYS - 1)))),
            Days::Read => None,
        }
    }

    /// Takes the answer's body; `None` when it cannot be read.
    pub fn take(&mut self, body: &str) -> Option<PageOutcome> {
        let rows = daily::read_page(body)?;
        let (from, to) = self.window()?;
        let window = (from.start(), to.end());
        let mut anomalies = Anomalies::default();
        let mut samples = Vec::new();
        let mut days = 0;
        for row in &rows {
            let Some(row) = row else {
                anomalies.count("a row", "is not an object");
                continue;
            };
            if let Some(of_a_day) = daily_active_users::samples(row, window, &mut anomalies) {
                days += 1;
                samples.extend(of_a_day);
            }
        }
        // A page of anything but days must not empty the window.
        if days == 0 && !rows.is_empty() {
            return None;
        }
        *self = match *self {
            Days::Left(_, last) if to < last => Days::Left(to.plus(1), last),
            _ => Days::Read,
        };
        let effect = Effect::ReplaceWindow(Window { start: window.0, end: window.1 });
        let outcome = PageOutcome::of(Records::Samples(samples), effect);
        Some(PageOutcome { anomalies, ..outcome })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::request;

    fn day(text: &str) -> Timestamp {
        Timestamp::parse(&format!("{text}T12:00:00Z")).unwrap()
    }

    fn requested(days: &Days) -> String {
        let (from, to) = days.window().unwrap();
        request::stats(from, to).path.replace("/api/v2/stats/daily?", "")
    }

    #[test]
    fn an_outage_leaves_no_hole_and_a_late_change_is_seen() {
        let days = Days::begin(None, false, day("2026-11-24"), None, 30);
        assert_eq!(
            requested(&days),
            "from=20261026&to=20261124",
            "no watermark yet: as in a full run"
        );
        let until = Some(day("2026-11-24").day());
        let days = Days::begin(until, false, day("2026-12-24"), None, 30);
        assert_eq!(requested(&days), "from=20261122&to=20261224");
        let until = Some(day("2026-12-24").day());
        let days = Days::begin(until, true, day("2027-01-20"), None, 3);
        assert_eq!(
            requested(&days),
            "from=20261222&to=20270120",
            "a short lookback reaches back to the last window"
        );
    }

    #[test]
    fn days_are_read_a_year_at_a_time() {
        let since = Some(day("2000-01-01"));
        let mut days = Days::begin(None, true, day("2026-11-24"), since, 30);
        let mut requests = 0;
        while days.window().is_some() {
            days.take("[]").unwrap();
            requests += 1;
        }
        assert_eq!(requests, 14);
    }

    #[test]
    fn rows_outside_of_the_window_are_dropped_and_counted() {
        let mut days = Days::begin(None, true, day("2026-11-24"), None, 2);
        let body = r#"[{"date":"2026-11-22T00:00:00.000Z","logins":1,"signups":1},
            {"date":"2026-11-23T00:00:00.000Z","logins":2},{"date":"2026-11-24T00:00:00.000Z","logins":null,"signups":"3"},7]"#;
        let outcome = days.take(body).unwrap();
        let [(Records::Samples(samples), Effect::ReplaceWindow(window))] = &outcome.records[..]
        else {
            panic!()
        };
        let values: Vec<_> =
            samples.iter().map(|sample| (sample.value, sample.attributes.as_str())).collect();
        assert_eq!(values, [(2.0, r#"{"kind":"logins"}"#), (3.0, r#"{"kind":"signups"}"#)]);
        assert_eq!(
            (window.start.to_string().as_str(), window.end.to_string().as_str()),
            ("2026-11-23T00:00:00.000Z", "2026-11-24T23:59:59.999Z")
        );
        assert_eq!(outcome.anomalies.total(), 2);
    }

    #[test]
    fn a_page_of_anything_but_days_empties_no_window() {
        let mut days = Days::begin(None, true, day("2026-11-24"), None, 2);
        for body in [r#"[{"name":"x"}]"#, "[7]", r#"[{"date":null,"logins":4}]"#, "{}"] {
            assert!(days.take(body).is_none(), "{body}");
        }
        assert!(days.take("[]").is_some(), "no day in the window is an answer");
    }

    #[test]
    fn a_tenant_whose_clock_stands_before_auth0_began_does_not_break_the_run() {
        for date in ["1970-01-01", "2012-12-31"] {
            let days = Days::begin(None, false, day(date), None, 30);
            let today = date.replace('-', "");
            assert_eq!(requested(&days), format!("from={today}&to={today}"));
        }
    }

    #[test]
    fn a_stored_window_that_ends_before_it_begins_is_not_sound() {
        let days = |from: i64, to: i64| {
            let bytes = postcard::to_allocvec(&(0u32, from, to)).unwrap();
            postcard::from_bytes::<Days>(&bytes).map(|days| days.is_sound())
        };
        assert_eq!((days(4, 4), days(5, 4)), (Ok(true), Ok(false)));
        assert!(days(0, i64::MAX).is_err(), "not a day");
    }
}
