//! `auth0_daily_active_users`: a day's statistics as samples.

use crate::api::daily::DailyRow;
use rawdash_connector_sdk::contract::records::Sample;
use rawdash_connector_sdk::json::anomalies::Anomalies;
use rawdash_connector_sdk::time::timestamp::Timestamp;

/// One sample for each kind that has a number; none outside of the window. `None`
/// where the row is of no day.
pub fn samples(
    row: &DailyRow<'_>,
    window: (Timestamp, Timestamp),
    anomalies: &mut Anomalies,
) -> Option<Vec<Sample>> {
    if row.date.raw().is_none() {
        anomalies.count("date", "is absent");
    }
    let at = row.date.timestamp("date", anomalies)?;
    if at < window.0 || at > window.1 {
        anomalies.count("date", "is outside of the requested days");
        return Some(Vec::new());
    }
    let sample = |kind: &str, value: Option<f64>| {
        value.map(|value| Sample { at, value, attributes: format!("{{\"kind\":\"{kind}\"}}") })
    };
    let logins = row.logins.number("logins", anomalies);
    let signups = row.signups.number("signups", anomalies);
    Some([sample("logins", logins), sample("signups", signups)].into_iter().flatten().collect())
}
