//! Points in time as people write them: an instant, a day, or a span back from now.

use std::str::FromStr;
use std::time::Duration;

use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use crate::arguments::span::span;

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// A point in time that may be relative to now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// An absolute time.
    At(OffsetDateTime),
    /// This long ago.
    Ago(Duration),
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Moment, String> {
        if let Ok(instant) = OffsetDateTime::parse(text, &Rfc3339) {
            return Ok(Moment::At(instant));
        }
        if let Ok(day) = Date::parse(text, DAY) {
            return Ok(Moment::At(day.midnight().assume_utc()));
        }
        span(text).map(Moment::Ago).map_err(|_| {
            format!(
                "{text:?} is not a time: write 2026-01-31, 2026-01-31T12:00:00Z, or a span back \
                 from now, as in 7d"
            )
        })
    }
}

impl Moment {
    /// In Unix milliseconds, rawdash's unit of time, which starts in 1970.
    ///
    /// # Errors
    /// One sentence, when it is before 1970.
    pub(crate) fn timestamp(self, now: OffsetDateTime) -> Result<i64, String> {
        let instant = match self {
            Moment::At(instant) => Some(instant),
            Moment::Ago(span) => {
                time::Duration::try_from(span).ok().and_then(|span| now.checked_sub(span))
            }
        };
        instant
            .map(|instant| instant.unix_timestamp_nanos() / 1_000_000)
            .and_then(|milliseconds| i64::try_from(milliseconds).ok())
            .filter(|milliseconds| *milliseconds >= 0)
            .ok_or_else(|| "the time is before 1970: write a later one".to_owned())
    }

    /// The same, but an error if it is in the future: no event is newer than now, so
    /// nothing would be read.
    ///
    /// # Errors
    /// One sentence, when it is before 1970 or in the future.
    pub(crate) fn past_timestamp(self, now: OffsetDateTime) -> Result<i64, String> {
        match self {
            Moment::At(instant) if instant > now => {
                Err("--since is in the future: write an earlier time".to_owned())
            }
            _ => self.timestamp(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_time_is_never_read_as_another() {
        let now = datetime!(2026-03-08 12:00 UTC);
        for (text, wanted) in [
            ("2026-03-01", datetime!(2026-03-01 0:00 UTC)),
            ("2026-03-01T10:00:00+02:00", datetime!(2026-03-01 8:00 UTC)),
            ("2026-03-01T10:00:00.250Z", datetime!(2026-03-01 10:00:00.250 UTC)),
            ("7d", datetime!(2026-03-01 12:00 UTC)),
            ("0s", now),
            ("1970-01-01", datetime!(1970-01-01 0:00 UTC)),
        ] {
            let milliseconds = text.parse::<Moment>().unwrap().timestamp(now).unwrap();
            assert_eq!(
                i128::from(milliseconds),
                wanted.unix_timestamp_nanos() / 1_000_000,
                "{text}"
            );
        }
        for text in ["", "now", "2026-02-30", "2026-03-01 10:00", "10:00", "1772323200000", "7"] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
        for text in ["1969-12-31T23:59:59.999Z", "3000w"] {
            assert!(text.parse::<Moment>().unwrap().timestamp(now).is_err(), "{text}");
        }
        for (text, is_past) in [("2026-03-08T12:00:00Z", true), ("2026-03-08T12:00:01Z", false)] {
            assert_eq!(text.parse::<Moment>().unwrap().past_timestamp(now).is_ok(), is_past);
        }
    }
}
