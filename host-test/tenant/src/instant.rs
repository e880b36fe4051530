//! Conversions between Unix milliseconds and the texts that Auth0 uses.

use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime};

pub(crate) const SECOND: i64 = 1_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

const RFC3339: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
const COMPACT: StaticFormatDescription =
    format_description!("[year][month][day][hour][minute][second][subsecond digits:3]");
const HTTP_DATE: StaticFormatDescription = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);
const DAY_STAMP: StaticFormatDescription = format_description!("[year][month][day]");

/// `2026-08-20T10:00:00.000Z`, the form of a date in the Management API.
pub(crate) fn rfc3339(unix_ms: i64) -> String {
    format(unix_ms, RFC3339)
}

/// `20260820100000000`, the form inside a log id.
pub(crate) fn compact(unix_ms: i64) -> String {
    format(unix_ms, COMPACT)
}

/// The form of the `Date` header.
pub(crate) fn http_date(unix_ms: i64) -> String {
    format(unix_ms, HTTP_DATE)
}

/// The UTC day of an instant, counted from 1970-01-01.
pub(crate) fn day_of(unix_ms: i64) -> i64 {
    unix_ms.div_euclid(DAY)
}

/// Midnight of a `YYYYMMDD` day, if there is such a day.
pub(crate) fn parse_day_stamp(text: &str) -> Option<i64> {
    let date = Date::parse(text, DAY_STAMP).ok()?;
    Some(date.midnight().assume_utc().unix_timestamp() * SECOND)
}

/// The instants that a date of any length covers: its first and its last
/// millisecond. `2017-12` is a month, `2017-12-01T10:00:00.000Z` one millisecond.
pub(crate) fn parse_span(text: &str) -> Option<(i64, i64)> {
    const REST: &str = "0000-01-01T00:00:00.000Z";
    let short = text.strip_suffix('Z').unwrap_or(text);
    let rest = REST.get(short.len()..)?;
    let full = format!("{short}{rest}");
    let start = PrimitiveDateTime::parse(&full, RFC3339).ok()?;
    let next = match short.len() {
        4 => start.replace_year(start.year() + 1).ok()?,
        7 if start.month() == time::Month::December => {
            start.replace_year(start.year() + 1).ok()?.replace_month(time::Month::January).ok()?
        }
        7 => start.replace_month(start.month().next()).ok()?,
        10 => start + time::Duration::DAY,
        16 => start + time::Duration::MINUTE,
        19 => start + time::Duration::SECOND,
        23 => start + time::Duration::MILLISECOND,
        _ => return None,
    };
    Some((unix_ms(start)?, unix_ms(next)? - 1))
}

fn unix_ms(instant: PrimitiveDateTime) -> Option<i64> {
    i64::try_from(instant.assume_utc().unix_timestamp_nanos() / 1_000_000).ok()
}

fn format(unix_ms: i64, form: StaticFormatDescription) -> String {
    // Years outside 0..=9999 have no such text; the epoch replaces them.
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(unix_ms) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        .format(form)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_of_any_length_covers_its_whole_span_so_an_end_of_day_is_not_lost() {
        let (start, end) = parse_span("2025-12-31").unwrap();
        assert_eq!(rfc3339(start), "2025-12-31T00:00:00.000Z");
        assert_eq!(rfc3339(end), "2025-12-31T23:59:59.999Z");
        let (start, end) = parse_span("2024-02").unwrap();
        assert_eq!(end - start + 1, 29 * DAY);
        let (start, end) = parse_span("2025-12-31T10:11:12.345Z").unwrap();
        assert_eq!((rfc3339(start), end), ("2025-12-31T10:11:12.345Z".into(), start));
        assert_eq!(parse_span("2025-13-01"), None);
        assert_eq!(parse_span("2025-12-31T10:11:12.3456Z"), None);
    }
}
