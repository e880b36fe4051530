//! Instants and days, each of a type that knows its unit.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use time::{Date, Duration, Month, OffsetDateTime, Time};

use super::rfc3339;

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
        parse_usual(text).or_else(|| rfc3339::parse(text))
    }

    /// Reads the `Date` header, to the end of its second: nothing that the
    /// server knew when it wrote the header is later.
    pub fn parse_http_date(text: &str) -> Option<Timestamp> {
        Some(parse_header(text)?.later_by(SECOND - 1))
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

    /// Whether it lies on the last day of a month at 23:59:59 UTC, as a leap second does.
    pub(super) fn ends_a_month(self) -> bool {
        let at = self.date_time();
        at.to_hms() == (23, 59, 59) && at.day() == at.month().length(at.year())
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
        from_digits(text.as_bytes().try_into().ok()?)
    }
}

/// `YYYY-MM-DDTHH:MM:SS.mmmZ`, as most sources write it: a page has hundreds of
/// them.
fn parse_usual(text: &str) -> Option<Timestamp> {
    #[rustfmt::skip]
    let [
        y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T',
        h0, h1, b':', n0, n1, b':', s0, s1, b'.', f0, f1, f2, b'Z',
    ] = *<&[u8; 24]>::try_from(text.as_bytes()).ok()? else { return None };
    from_digits(&[y0, y1, y2, y3, m0, m1, d0, d1, h0, h1, n0, n1, s0, s1, f0, f1, f2])
}

/// `Tue, 24 Nov 2026 00:17:54 GMT`, the one form in which HTTP dates are written.
/// By hand, since any library takes up several kilobytes of a component.
fn parse_header(text: &str) -> Option<Timestamp> {
    #[rustfmt::skip]
    let [
        _, _, _, b',', b' ', d0, d1, b' ', month @ .., b' ', y0, y1, y2, y3, b' ',
        h0, h1, b':', n0, n1, b':', s0, s1, b' ', b'G', b'M', b'T',
    ] = text.as_bytes() else { return None };
    let mut months = (1..).zip(b"JanFebMarAprMayJunJulAugSepOctNovDec".chunks(3));
    let (number, _) = months.find(|(_, name)| *name == month)?;
    let [m0, m1] = [b'0' + number / 10, b'0' + number % 10];
    from_digits(&[
        *y0, *y1, *y2, *y3, m0, m1, *d0, *d1, *h0, *h1, *n0, *n1, *s0, *s1, b'0', b'0', b'0',
    ])
}

fn from_digits(digits: &[u8; 17]) -> Option<Timestamp> {
    Timestamp::from_millis(millis(digits)?)
}

/// Reads `YYYYMMDDHHMMSSmmm`: milliseconds since the epoch, also before it.
pub(super) fn millis(digits: &[u8; 17]) -> Option<Milliseconds> {
    let [y0, y1, y2, y3, m0, m1, d0, d1, h0, h1, n0, n1, s0, s1, f0, f1, f2] = *digits;
    let year = i32::from(pair(y0, y1)?) * 100 + i32::from(pair(y2, y3)?);
    let month = Month::try_from(pair(m0, m1)?).ok()?;
    let date = Date::from_calendar_date(year, month, pair(d0, d1)?).ok()?;
    let (hour, minute, second) = (pair(h0, h1)?, pair(n0, n1)?, pair(s0, s1)?);
    Time::from_hms(hour, minute, second).ok()?;
    let days = i64::from(date.to_julian_day() - EPOCH.to_julian_day());
    let within = i64::from(hour) * HOUR + i64::from(minute) * MINUTE + i64::from(second) * SECOND;
    let milli = i64::from(pair(b'0', f0)?) * 100 + i64::from(pair(f1, f2)?);
    Some(days * DAY + within + milli)
}

#[inline(always)]
pub(super) fn pair(tens: u8, ones: u8) -> Option<u8> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| tens * 10 + ones)
}

const EPOCH: Date = OffsetDateTime::UNIX_EPOCH.date();

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
    use proptest::prelude::*;
    use std::time::UNIX_EPOCH;

    proptest! {
        #[test]
        fn the_usual_form_is_read_as_every_form_is(
            year in 1960..2110_u16, month in 0..14_u8, day in 0..33_u8, hour in 0..26_u8,
            minute in 0..62_u8, second in 0..61_u8, milli in 0..1000_u16, damage in 0..96_usize,
        ) {
            let mut text = format!(
                "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"
            );
            // A quarter of them are damaged at one place, which the other may forgive;
            // and it takes a leap second for the end of the one before it.
            if damage < text.len() {
                text.replace_range(damage..=damage, "/");
                prop_assert_eq!(parse_usual(&text), None, "{}", text);
            } else if second < 60 {
                prop_assert_eq!(parse_usual(&text), rfc3339::parse(&text), "{}", text);
            }
            prop_assert_eq!(Timestamp::parse(&text), rfc3339::parse(&text), "{}", text);
        }
    }

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

    proptest! {
        #[test]
        fn the_date_header_is_read_as_a_library_reads_it(
            seconds in 0..253_402_300_800_u64, damage in 0..58_usize, by in "[ -~]",
        ) {
            let at = UNIX_EPOCH + std::time::Duration::from_secs(seconds);
            let mut text = httpdate::fmt_http_date(at);
            let is_whole = damage < 5 || damage >= text.len();
            if !is_whole {
                text.replace_range(damage..=damage, &by);
            }
            let library = httpdate::parse_http_date(&text).ok();
            let seconds = library.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
            let wanted = seconds.and_then(|since| {
                Timestamp::from_millis(i64::try_from(since.as_millis()).ok()?)
            });
            // The library checks that the day of the week is the date's.
            let read = parse_header(&text);
            prop_assert!(read == wanted || (!is_whole && wanted.is_none()), "{}", text);
        }
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
