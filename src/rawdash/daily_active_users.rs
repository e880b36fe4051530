//! `auth0_daily_active_users`: a day's statistics as rawdash wants them.

use crate::auth0::cell::Oddities;
use crate::auth0::daily::DailyRow;
use crate::rawdash::record::Sample;
use crate::timestamp::Timestamp;

/// One sample for each kind that has a number; none outside of the window.
pub fn samples(
    row: &DailyRow<'_>,
    window: (Timestamp, Timestamp),
    odd: &mut Oddities,
) -> Vec<Sample> {
    let Some(at) = row.date.timestamp("date", odd) else { return Vec::new() };
    if at < window.0 || at > window.1 {
        odd.count("date", "is outside of the days asked for");
        return Vec::new();
    }
    let sample = |kind: &str, value: Option<f64>| {
        value.map(|value| Sample { at, value, attributes: format!("{{\"kind\":\"{kind}\"}}") })
    };
    let logins = row.logins.number("logins", odd);
    let signups = row.signups.number("signups", odd);
    [sample("logins", logins), sample("signups", signups)].into_iter().flatten().collect()
}
