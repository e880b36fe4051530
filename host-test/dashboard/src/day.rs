//! Days and moments, all in UTC.

use std::fmt;

use time::{Date, OffsetDateTime, Weekday};

const DAY_MS: i64 = 86_400_000;

/// A moment in Unix milliseconds, as rawdash stores it. Not every one is a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub i64);

impl Moment {
    /// The moment of a date and time.
    pub fn of(at: OffsetDateTime) -> Moment {
        let milliseconds = at.unix_timestamp_nanos() / 1_000_000;
        Moment(i64::try_from(milliseconds).unwrap_or(i64::MAX))
    }

    /// The day that it is part of.
    pub(crate) fn day(self) -> Day {
        Day(self.0.div_euclid(DAY_MS))
    }

    /// As HTML's `datetime` has it, if it is a date.
    pub(crate) fn iso(self) -> Option<String> {
        let at = self.date_time()?;
        let (hour, minute, second) = at.to_hms();
        Some(format!("{}T{hour:02}:{minute:02}:{second:02}Z", date(at.date())))
    }

    fn date_time(self) -> Option<OffsetDateTime> {
        let at = OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1000)).ok()?;
        (0..=9999).contains(&at.year()).then_some(at)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.date_time() {
            Some(at) => {
                let (hour, minute, second) = at.to_hms();
                write!(f, "{} {hour:02}:{minute:02}:{second:02}", date(at.date()))
            }
            None => write!(f, "{} ms", self.0),
        }
    }
}

/// How long one moment lies before another, in words.
pub(crate) fn ago(then: Moment, now: Moment) -> String {
    let Some(seconds) = now.0.checked_sub(then.0).map(|milliseconds| milliseconds / 1000) else {
        return "at another time".to_owned();
    };
    let (count, unit) = match seconds {
        ..0 => return "in the future".to_owned(),
        0..60 => return "just now".to_owned(),
        60..3600 => (seconds / 60, "minute"),
        3600..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}

/// A day, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(i64);

impl Day {
    /// Its first millisecond.
    pub fn start(self) -> i64 {
        self.0.saturating_mul(DAY_MS)
    }

    /// Its last millisecond.
    pub(crate) fn end(self) -> i64 {
        self.start().saturating_add(DAY_MS - 1)
    }

    /// Such as `30 Oct`.
    pub(crate) fn short(self) -> String {
        self.date().map_or_else(|| self.to_string(), day_and_month)
    }

    /// Such as `Fri 30 Oct 2026`.
    pub(crate) fn long(self) -> String {
        self.date().map_or_else(
            || self.to_string(),
            |date| format!("{} {} {}", weekday(date), day_and_month(date), date.year()),
        )
    }

    fn date(self) -> Option<Date> {
        Moment(self.start()).date_time().map(OffsetDateTime::date)
    }
}

/// As ISO 8601 has it.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.date() {
            Some(day) => f.write_str(&date(day)),
            None => write!(f, "day {}", self.0),
        }
    }
}

fn date(date: Date) -> String {
    let (year, month, day) = date.to_calendar_date();
    format!("{year:04}-{:02}-{day:02}", u8::from(month))
}

fn day_and_month(date: Date) -> String {
    // English names begin with what they are shortened to.
    let month: String = date.month().to_string().chars().take(3).collect();
    format!("{} {month}", date.day())
}

fn weekday(date: Date) -> &'static str {
    match date.weekday() {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    }
}

/// The days that the charts show: [`Days::COUNT`] of them, the last one included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    pub(crate) last: Day,
}

impl Days {
    /// How many they are.
    pub const COUNT: usize = 30;

    /// The first of them.
    pub fn first(self) -> Day {
        Day(self.last.0.saturating_sub(Self::COUNT as i64 - 1))
    }

    /// Each of them, the first one first.
    pub(crate) fn each(self) -> impl DoubleEndedIterator<Item = Day> {
        (self.first().0..=self.last.0).map(Day)
    }

    /// The place of a day among them.
    pub(crate) fn place(self, day: Day) -> Option<usize> {
        let place = day.0.checked_sub(self.first().0)?;
        usize::try_from(place).ok().filter(|place| *place < Self::COUNT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_moment_is_shown_in_utc_and_one_that_is_no_date_does_not_end_the_page() {
        let moment = Moment::of(datetime!(2026-10-30 23:59:59.999 UTC));
        assert_eq!(moment.to_string(), "2026-10-30 23:59:59");
        assert_eq!(moment.iso().unwrap(), "2026-10-30T23:59:59Z");
        assert_eq!(moment.day().to_string(), "2026-10-30");
        assert_eq!(moment.day().long(), "Fri 30 Oct 2026");
        assert_eq!(moment.day().short(), "30 Oct");
        for milliseconds in [i64::MIN, i64::MAX] {
            let moment = Moment(milliseconds);
            assert_eq!(moment.to_string(), format!("{milliseconds} ms"));
            assert_eq!(moment.iso(), None);
            assert!(moment.day().to_string().starts_with("day "));
            assert!(!ago(moment, Moment(0)).is_empty());
        }
    }

    #[test]
    fn a_time_before_1970_belongs_to_the_day_before() {
        assert_eq!(Moment(-1).day().to_string(), "1969-12-31");
        assert_eq!(Moment(0).day().to_string(), "1970-01-01");
    }

    #[test]
    fn ages_are_in_the_unit_that_a_person_would_choose() {
        let now = Moment(10 * DAY_MS);
        let before = |seconds: i64| ago(Moment(now.0 - seconds * 1000), now);
        assert_eq!(before(59), "just now");
        assert_eq!(before(60), "1 minute ago");
        assert_eq!(before(7199), "1 hour ago");
        assert_eq!(before(172_799), "47 hours ago");
        assert_eq!(before(172_800), "2 days ago");
        assert_eq!(before(-1), "in the future");
    }

    #[test]
    fn the_days_of_a_chart_are_exactly_those_that_have_a_place_in_it() {
        let days = Days { last: Moment(100 * DAY_MS).day() };
        let places: Vec<_> = days.each().map(|day| days.place(day)).collect();
        assert_eq!(places, (0..Days::COUNT).map(Some).collect::<Vec<_>>());
        assert_eq!(days.place(Day(days.last.0 + 1)), None);
        assert_eq!(days.place(Day(days.first().0 - 1)), None);
    }
}
