//! The log rows that a seed generates: when, of which type, about whom.

use super::types::{FAILED_PASSWORD_GRANT, USER_DELETED, WRONG_PASSWORD};
use crate::instant::{DAY, HOUR, SECOND, day_of};
use crate::options::Options;
use crate::random::Random;

const STREAM: u64 = 0x1095;

/// The least age of a row, so that all are ingested when the tenant starts.
const LEAST_AGE: i64 = 6 * SECOND;

/// The most users that were deleted, each with a row `sdu`.
const MOST_DELETED: u64 = 40;

/// How busy each hour of the day is, in UTC.
const RHYTHM: [u64; 24] =
    [2, 1, 1, 1, 1, 2, 5, 12, 22, 30, 31, 28, 22, 27, 30, 29, 26, 22, 17, 13, 11, 9, 6, 3];

/// A generated row, as small as possible: its JSON is written on request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    pub(crate) ingested: i64,
    pub(crate) date: i64,
    /// Its place in the mix of types.
    pub(crate) kind: u16,
    /// Its place among the people of the log.
    pub(crate) person: u32,
}

/// How many users were deleted before the tenant starts.
pub(super) fn deleted(options: &Options) -> u64 {
    (u64::from(options.logs) / 500).min(MOST_DELETED)
}

/// The start of the time that the log covers.
pub(super) fn start(options: &Options, now: i64) -> i64 {
    now - i64::from(options.days.max(1)) * DAY
}

/// Exactly as many rows as the options say, in the order of ingestion.
///
/// The people are the tenant's users, numbered from 0, then the deleted ones.
pub(super) fn events(options: &Options, now: i64) -> Vec<Event> {
    let mut random = Random::of(options.seed, STREAM, 0);
    let hours = Hours::new(options, now);
    let wanted = usize::try_from(options.logs).unwrap_or(usize::MAX);
    let users = u64::from(options.users);
    let weights = options.log_mix.total();
    let mut events = Vec::with_capacity(wanted);
    // Each deleted user has one row `sdu`, and so has one who exists again.
    let deleted = deleted(options);
    let returned = (deleted > 0 && users > 0).then_some(users / 2);
    for person in (users..users + deleted).chain(returned) {
        let date = hours.instant(&mut random);
        events.push(event(date, USER_DELETED, person, &mut random));
    }
    while events.len() < wanted {
        let kind = options.log_mix.select(random.below(weights));
        let date = hours.instant(&mut random);
        let person = random.below(users);
        let row = event(date, kind, person, &mut random);
        events.push(row);
        // A wrong password in the password grant writes two rows.
        if kind == WRONG_PASSWORD && random.chance(20) && events.len() < wanted {
            let apart = random.between(8, 11);
            events.push(Event {
                kind: FAILED_PASSWORD_GRANT,
                date: date + apart,
                ingested: row.ingested + apart,
                ..row
            });
        }
    }
    events.sort_by_key(|event| event.ingested);
    events
}

fn event(date: i64, kind: u16, person: u64, random: &mut Random) -> Event {
    // Ingestion lags by milliseconds or by seconds, so dates are out of order.
    let lag =
        if random.chance(30) { random.between(10, 900) } else { random.between(2_000, 5_400) };
    Event { ingested: date + lag, date, kind, person: u32::try_from(person).unwrap_or(u32::MAX) }
}

/// The hours that the log covers, with cumulative weights.
struct Hours {
    slots: Vec<(u64, i64, i64)>,
    total: u64,
    start: i64,
}

impl Hours {
    fn new(options: &Options, now: i64) -> Self {
        let (start, end) = (start(options, now), now - LEAST_AGE);
        let mut slots = Vec::new();
        let mut total = 0;
        let mut hour = start.div_euclid(HOUR) * HOUR;
        while hour < end {
            let (from, to) = (hour.max(start), (hour + HOUR).min(end));
            total +=
                weight(options, hour, now) * (to - from).unsigned_abs() / SECOND.unsigned_abs();
            slots.push((total, from, to));
            hour += HOUR;
        }
        Self { slots, total, start }
    }

    fn instant(&self, random: &mut Random) -> i64 {
        let drawn = random.below(self.total);
        let slot = self.slots.partition_point(|(sum, _, _)| *sum <= drawn);
        let (from, to) =
            self.slots.get(slot).map_or((self.start, self.start), |(_, from, to)| (*from, *to));
        random.between(from, to - 1)
    }
}

/// Some days are quiet, though never the last two.
fn weight(options: &Options, hour: i64, now: i64) -> u64 {
    let day = day_of(hour);
    let quiet = options.days > 4
        && day_of(now) - day > 1
        && Random::of(options.seed, STREAM, day.unsigned_abs()).chance(12);
    if quiet {
        return 0;
    }
    let of_day = usize::try_from(hour.rem_euclid(DAY) / HOUR).unwrap_or(0);
    RHYTHM.get(of_day).copied().unwrap_or(1)
}
