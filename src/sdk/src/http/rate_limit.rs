//! What an answer's headers say about the rate limit.

use crate::http::reply::Head;
use crate::time::timestamp::{DAY, Milliseconds, SECOND, Timestamp};

/// The state of a rate limit after a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateLimit {
    /// The size of the bucket.
    pub limit: Option<u32>,
    /// Requests left in it.
    pub remaining: Option<u32>,
    /// When more are added, in seconds since the epoch by the server's clock.
    pub reset: Option<i64>,
    /// A pause that the source states outright.
    pub retry_after: Option<RetryAfter>,
}

/// A pause, or its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// So many seconds.
    Seconds(u64),
    /// Until then, by the server's clock.
    Until(Timestamp),
}

impl RateLimit {
    /// Reads `X-RateLimit-Limit`, `-Remaining` and `-Reset`, and `Retry-After`.
    pub fn read(head: &Head) -> RateLimit {
        let number = |name: &str| head.header(name).and_then(|value| value.parse().ok());
        RateLimit {
            limit: number("x-ratelimit-limit"),
            remaining: number("x-ratelimit-remaining"),
            reset: head.header("x-ratelimit-reset").and_then(|value| value.parse().ok()),
            retry_after: head.header("retry-after").and_then(RetryAfter::parse),
        }
    }

    /// Milliseconds to wait, as the source states it outright; at least a second.
    pub fn stated_pause(&self, date: Option<Timestamp>) -> Option<u64> {
        let pause = match self.retry_after? {
            RetryAfter::Seconds(seconds) => {
                Milliseconds::try_from(seconds).ok()?.saturating_mul(SECOND)
            }
            RetryAfter::Until(end) => end.since(date?),
        };
        plausible(pause)
    }

    /// Milliseconds to wait before the next attempt, at least a second; `None`
    /// when the headers do not say, or nothing that can be meant.
    pub fn pause(&self, date: Option<Timestamp>) -> Option<u64> {
        self.stated_pause(date).or_else(|| {
            let reset = self.reset?.checked_mul(SECOND)?;
            // The date counts to the end of its second, the reset to its begin.
            plausible(reset.saturating_sub(date?.millis()).saturating_add(SECOND - 1))
        })
    }
}

/// A pause that is longer than a day is a mistake, not a pause.
fn plausible(pause: Milliseconds) -> Option<u64> {
    (pause <= DAY).then(|| u64::try_from(pause).unwrap_or(0).max(1000))
}

impl RetryAfter {
    fn parse(value: &str) -> Option<RetryAfter> {
        match value.parse() {
            Ok(seconds) => Some(RetryAfter::Seconds(seconds)),
            Err(_) => Timestamp::parse_http_date(value).map(RetryAfter::Until),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause(lines: &[(&str, &str)]) -> Option<u64> {
        let lines = lines.iter().map(|(name, value)| (*name, value.as_bytes()));
        let head = Head::read(429, lines);
        RateLimit::read(&head).pause(head.date)
    }

    const DATE: (&str, &str) = ("date", "Fri, 03 Sep 2021 20:16:32 GMT");

    #[test]
    fn the_pause_is_measured_by_the_sources_own_clock() {
        assert_eq!(pause(&[DATE, ("x-ratelimit-reset", "1630700222")]), Some(30_000));
        assert_eq!(pause(&[DATE, ("x-ratelimit-reset", "1")]), Some(1_000), "in the past");
        assert_eq!(pause(&[("x-ratelimit-reset", "1630700222")]), None, "no clock");
        assert_eq!(pause(&[DATE]), None);
    }

    #[test]
    fn a_pause_that_is_stated_outright_is_a_number_or_a_date() {
        assert_eq!(pause(&[("Retry-After", "7"), ("x-ratelimit-reset", "1")]), Some(7_000));
        let date = ("Retry-After", "Fri, 03 Sep 2021 20:17:02 GMT");
        assert_eq!(pause(&[DATE, date]), Some(30_000));
        assert_eq!(pause(&[DATE, ("Retry-After", "soon")]), None);
    }

    #[test]
    fn an_absurd_pause_is_none() {
        assert_eq!(pause(&[DATE, ("x-ratelimit-reset", "4102444800")]), None);
        assert_eq!(pause(&[DATE, ("Retry-After", "86401")]), None);
        assert_eq!(pause(&[DATE, ("Retry-After", "18446744073709551615")]), None);
        let absurd = ("Retry-After", "100000");
        assert_eq!(pause(&[DATE, absurd, ("x-ratelimit-reset", "1630700222")]), Some(30_000));
    }
}
