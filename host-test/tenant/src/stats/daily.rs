//! What the daily statistics say at an instant.

use crate::instant::{DAY, HOUR, MINUTE, SECOND, day_of, rfc3339};
use crate::logs::{Event, SUCCESSFUL_LOGIN};
use crate::random::Random;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

const STREAM: u64 = 0x57a7;

/// The minute of the hour at which the statistics are recomputed.
const RECOUNT: i64 = 22 * MINUTE;

/// How long a day's row changes, counted from its midnight: until 23:22 UTC
/// of the next day.
const SETTLED: i64 = DAY + 23 * HOUR + RECOUNT;

/// Rows older than this have no `leaked_passwords_signup`.
const WITHOUT_LEAKED_SIGNUPS: i64 = 400 * DAY;
/// Rows older than this have no `created_at` and `updated_at` either.
const WITHOUT_INSTANTS: i64 = 700 * DAY;

/// A day's row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DailyStats {
    /// Midnight UTC in Unix ms.
    pub date: i64,
    /// Successful logins.
    pub logins: u64,
    /// New users.
    pub signups: u64,
    /// Logins stopped for a leaked password.
    pub leaked_passwords: u64,
    /// The row as it is served.
    pub json: String,
}

/// What the statistics are computed from.
#[derive(Debug)]
pub(crate) struct Counted<'a> {
    pub(crate) seed: u64,
    pub(crate) events: &'a [Event],
    /// Since when `events` are complete; earlier logins are invented.
    pub(crate) since: i64,
    pub(crate) signups: &'a [i64],
}

/// The rows that a test has set instead of the computed ones, by day.
pub(crate) type FixedDays = BTreeMap<i64, Option<String>>;

#[derive(Clone, Copy, Default)]
struct Count {
    logins: u64,
    signups: u64,
    first: Option<i64>,
}

/// The row of each day that is not quiet, ascending, as of `now`.
pub(crate) fn daily(counted: &Counted<'_>, fixed: &FixedDays, now: i64) -> Vec<DailyStats> {
    let mut rows: BTreeMap<i64, DailyStats> = counts(counted, last_recount(now))
        .into_iter()
        .map(|(day, count)| (day, row(counted.seed, day, count, now)))
        .collect();
    for (day, json) in fixed {
        match json {
            Some(json) => rows.insert(*day, served_as(*day, json)),
            None => rows.remove(day),
        };
    }
    rows.into_values().collect()
}

/// When the statistics were last recomputed.
fn last_recount(now: i64) -> i64 {
    (now - RECOUNT).div_euclid(HOUR) * HOUR + RECOUNT
}

fn counts(counted: &Counted<'_>, recount: i64) -> BTreeMap<i64, Count> {
    let mut days: BTreeMap<i64, Count> = BTreeMap::new();
    for event in counted.events {
        let logged_in = event.kind == SUCCESSFUL_LOGIN;
        if logged_in && counted_at(counted.seed, event).is_some_and(|at| at <= recount) {
            let count = days.entry(day_of(event.date)).or_default();
            count.logins += 1;
            count.see(event.date);
        }
    }
    for signup in counted.signups {
        if *signup <= recount {
            let count = days.entry(day_of(*signup)).or_default();
            count.signups += 1;
            count.see(*signup);
        }
    }
    // Logs are kept for days, statistics for ever.
    let first = counted.signups.iter().copied().min().unwrap_or(counted.since);
    for day in day_of(first)..day_of(counted.since) {
        let mut random = Random::of(counted.seed, STREAM, day.unsigned_abs());
        if random.chance(70) {
            let count = days.entry(day).or_default();
            count.logins += 1 + random.below(counted.signups.len() as u64 / 10 + 5);
            count.see(day * DAY + random.between(0, HOUR));
        }
    }
    days
}

/// When a login is counted in its day's row: most at once, some only in the
/// course of the next day, and none once the row is settled.
fn counted_at(seed: u64, event: &Event) -> Option<i64> {
    let settled = day_of(event.date) * DAY + SETTLED;
    let mut random = Random::of(seed ^ STREAM, event.date.unsigned_abs(), u64::from(event.person));
    let at = if random.chance(6) {
        random.between(event.ingested.min(settled), settled)
    } else {
        event.ingested
    };
    (at <= settled).then_some(at)
}

impl Count {
    fn see(&mut self, instant: i64) {
        self.first = Some(self.first.map_or(instant, |first| first.min(instant)));
    }
}

fn row(seed: u64, day: i64, count: Count, now: i64) -> DailyStats {
    let date = day * DAY;
    let mut random = Random::of(seed ^ STREAM, 0x1eaf, day.unsigned_abs());
    let leaked = if random.chance(5) { 1 + random.below(3) } else { 0 };
    let age = now - date;
    let mut json = Map::new();
    let mut set = |name: &str, value: Value| json.insert(name.to_owned(), value);
    set("date", rfc3339(date).into());
    set("logins", count.logins.into());
    set("signups", count.signups.into());
    set("leaked_passwords", leaked.into());
    if age < WITHOUT_LEAKED_SIGNUPS {
        set("leaked_passwords_signup", 0.into());
    }
    if age < WITHOUT_INSTANTS {
        // The instants of the recounts, each of which takes some seconds.
        let seconds = random.between(0, 59) * SECOND;
        let created = last_recount(count.first.unwrap_or(date) + HOUR) + seconds;
        let updated = last_recount(now).min(date + SETTLED) + seconds;
        set("created_at", rfc3339(created.min(now)).into());
        set("updated_at", rfc3339(updated.min(now)).into());
    }
    DailyStats {
        date,
        logins: count.logins,
        signups: count.signups,
        leaked_passwords: leaked,
        json: Value::Object(json).to_string(),
    }
}

fn served_as(day: i64, json: &str) -> DailyStats {
    let row: Value = serde_json::from_str(json).unwrap_or_default();
    let count = |name: &str| row.get(name).and_then(Value::as_u64).unwrap_or(0);
    DailyStats {
        date: day * DAY,
        logins: count("logins"),
        signups: count("signups"),
        leaked_passwords: count("leaked_passwords"),
        json: json.to_owned(),
    }
}
