//! Instants and days, each of a type that knows its unit.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use time::format_description::well_known::{Rfc2822, Rfc3339};
use time::{Date, Duration, Month, OffsetDateTime, Time};

/// Milliseconds since 1970-01-01T00:00:00Z, between 0 and the end of the year
/// 9999: what rawdash can store and RFC 3339 can write.
///
/// In JSON it is read from a number of milliseconds or a text as RFC 3339 has it,
/// so that the rows of a source can have fields of this type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(into = "i64")]
pub struct Timestamp(i64);

const LAST: i64 = 253_402_300_799_999;

/// A span of time in milliseconds.
pub type Milliseconds = i64;

/// One second.
pub const SECOND: Milliseconds = 1000;
/// One minute.
pub const MINUTE: Milliseconds = 60 * SECOND;
/// One hour.
pub const HOUR: Milliseconds = 60 * MINUTE;
/// One day.
pub const DAY: Milliseconds = 24 * HOUR;

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Timestamp = Timestamp(0);

    /// The instant so many milliseconds after the epoch; `None` outside of what
    /// can be stored.
    pub fn from_millis(millis: i64) -> Option<Timestamp> {
        (0..=LAST).contains(&millis).then_some(Timestamp(millis))
    }

    /// Milliseconds since the epoch.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339; finer digits than milliseconds are cut off.
    pub fn parse(text: &str) -> Option<Timestamp> {
        OffsetDateTime::parse(text, &Rfc3339).ok().and_then(from_date_time)
    }

    /// Reads the `Date` header, to the end of its second: nothing that the
    /// server knew when it wrote the header is later.
    pub fn parse_http_date(text: &str) -> Option<Timestamp> {
        let read = OffsetDateTime::parse(text, &Rfc2822).ok().and_then(from_date_time)?;
        Some(read.later_by(SECOND - 1))
    }

    /// So many milliseconds later, at most the last instant there is.
    pub fn later_by(self, span: Milliseconds) -> Timestamp {
        Timestamp(self.0.saturating_add(span).clamp(0, LAST))
    }

    /// So many milliseconds earlier, at least the epoch.
    pub fn earlier_by(self, span: Milliseconds) -> Timestamp {
        Timestamp(self.0.saturating_sub(span).clamp(0, LAST))
    }

    /// Milliseconds from another instant to this one; negative when it is
    /// later.
    pub fn since(self, earlier: Timestamp) -> Milliseconds {
        self.0 - earlier.0
    }

    /// The UTC day that the instant lies in.
    pub fn day(self) -> Day {
        Day(self.0.div_euclid(DAY))
    }

    fn date_time(self) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH.saturating_add(Duration::milliseconds(self.0))
    }

    /// `YYYYMMDDHHMMSSmmm`.
    pub fn compact(self) -> String {
        let at = self.date_time();
        format!(
            "{:04}{:02}{:02}{:02}{:02}{:02}{:03}",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second(),
            at.millisecond()
        )
    }

    /// Reads `YYYYMMDDHHMMSSmmm`.
    pub fn parse_compact(text: &str) -> Option<Timestamp> {
        if text.len() != 17 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let part = |from: usize, to: usize| text.get(from..to)?.parse::<u16>().ok();
        let small = |from: usize, to: usize| part(from, to).and_then(|n| u8::try_from(n).ok());
        let month = Month::try_from(small(4, 6)?).ok()?;
        let date = Date::from_calendar_date(i32::from(part(0, 4)?), month, small(6, 8)?).ok()?;
        let time =
            Time::from_hms_milli(small(8, 10)?, small(10, 12)?, small(12, 14)?, part(14, 17)?);
        from_date_time(OffsetDateTime::new_utc(date, time.ok()?))
    }
}

fn from_date_time(at: OffsetDateTime) -> Option<Timestamp> {
    let millis = at.unix_timestamp_nanos().div_euclid(1_000_000);
    Timestamp::from_millis(i64::try_from(millis).ok()?)
}

/// RFC 3339 with milliseconds, in UTC: `2026-11-24T00:17:54.000Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.date_time();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second(),
            at.millisecond()
        )
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_any(Written)
        } else {
            deserializer.deserialize_i64(Written)
        }
    }
}

struct Written;

impl Visitor<'_> for Written {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time between 1970 and 9999")
    }

    fn visit_i64<E: Error>(self, millis: i64) -> Result<Timestamp, E> {
        Timestamp::from_millis(millis).ok_or_else(|| E::custom("not a time"))
    }

    fn visit_u64<E: Error>(self, millis: u64) -> Result<Timestamp, E> {
        self.visit_i64(i64::try_from(millis).unwrap_or(i64::MAX))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Timestamp, E> {
        Timestamp::parse(text).ok_or_else(|| E::custom("not a time"))
    }
}

impl From<Timestamp> for i64 {
    fn from(at: Timestamp) -> i64 {
        at.0
    }
}

/// A UTC day: days since 1970-01-01, up to the last day of the year 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Day(i64);

const LAST_DAY: i64 = LAST / DAY;

impl Day {
    /// Midnight at which the day begins.
    pub fn start(self) -> Timestamp {
        Timestamp(self.0.saturating_mul(DAY).clamp(0, LAST))
    }

    /// The last millisecond of the day.
    pub fn end(self) -> Timestamp {
        self.start().later_by(DAY - 1)
    }

    /// So many days later, or earlier when negative; at most the last day there
    /// is, at least the first.
    pub fn plus(self, days: i64) -> Day {
        Day(self.0.saturating_add(days).clamp(0, LAST_DAY))
    }
}

impl TryFrom<i64> for Day {
    type Error = String;

    fn try_from(days: i64) -> Result<Day, String> {
        let legal = (0..=LAST_DAY).contains(&days);
        legal.then_some(Day(days)).ok_or_else(|| format!("{days} is not a day"))
    }
}

impl From<Day> for i64 {
    fn from(day: Day) -> i64 {
        day.0
    }
}

/// `YYYYMMDD`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.start().date_time();
        write!(f, "{:04}{:02}{:02}", at.year(), u8::from(at.month()), at.day())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_with_fractions_are_read_and_written() {
        let at = Timestamp::parse("2023-01-25T19:00:29.893Z").unwrap();
        assert_eq!(at.to_string(), "2023-01-25T19:00:29.893Z");
        assert_eq!(at.compact(), "20230125190029893");
        assert_eq!(Timestamp::parse_compact("20230125190029893"), Some(at));
        assert_eq!(at.day().to_string(), "20230125");
    }

    #[test]
    fn what_rawdash_cannot_store_is_not_an_instant() {
        for text in ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "yesterday", ""] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
        assert_eq!(Timestamp::parse_compact("20231325190029893"), None);
    }

    #[test]
    fn the_date_header_counts_to_the_end_of_its_second() {
        let at = Timestamp::parse_http_date("Tue, 24 Nov 2026 00:17:54 GMT").unwrap();
        assert_eq!(at.to_string(), "2026-11-24T00:17:54.999Z");
    }

    #[test]
    fn a_day_is_one_that_can_be_written() {
        let (first, last) = (Day(0), Timestamp(LAST).day());
        assert_eq!((first.plus(-1), last.plus(1)), (first, last));
        assert_eq!(last.to_string(), "99991231");
        assert!(Day::try_from(-1).is_err() && Day::try_from(LAST_DAY + 1).is_err());
    }
}
