//! The reply to a request, and what its headers say.

use crate::auth0::log_id::LogId;
use crate::engine::rate_limit::RateLimit;
use crate::engine::timestamp::Timestamp;

/// The reply to a request, or why there is none.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A complete response.
    Whole(Head, Vec<u8>),
    /// A response whose body is larger than the connector reads.
    TooLarge(Head),
    /// The exchange broke, or took too long; the text says how.
    Broken(String),
    /// Nothing was sent, because the server's certificate was refused.
    Untrusted,
}

/// Status and headers of a response, as far as the connector uses them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The HTTP status.
    pub status: u16,
    /// The tenant's clock, to the end of the header's second.
    pub date: Option<Timestamp>,
    /// The tenant's rate limit after this request.
    pub rate_limit: RateLimit,
    /// The position that the `Link` to the next page carries; nothing else of
    /// a link is ever used, its host least of all.
    pub next_from: Option<LogId>,
}

impl Head {
    /// Reads the headers; `lines` are name and value, names in any case.
    pub fn read<'a>(status: u16, lines: impl Iterator<Item = (&'a str, &'a [u8])>) -> Head {
        let mut head = Head { status, ..Head::default() };
        for (name, value) in lines {
            let Ok(value) = std::str::from_utf8(value) else { continue };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "date" => head.date = Timestamp::parse_http_date(value),
                "x-ratelimit-limit" => head.rate_limit.limit = value.parse().ok(),
                "x-ratelimit-remaining" => head.rate_limit.remaining = value.parse().ok(),
                "x-ratelimit-reset" => head.rate_limit.reset = value.parse().ok(),
                "retry-after" => head.rate_limit.retry_after = value.parse().ok(),
                "link" => head.next_from = head.next_from.take().or_else(|| next_from(value)),
                _ => {}
            }
        }
        head
    }
}

/// The `from` of the link whose relation is `next`.
fn next_from(value: &str) -> Option<LogId> {
    let link =
        value.split(',').find(|link| link.contains("rel=\"next\"") || link.contains("rel=next"))?;
    let address = link.split_once('<')?.1.split_once('>')?.0;
    let query = address.split_once('?')?.1;
    let from = query.split('&').find_map(|pair| pair.strip_prefix("from="))?;
    LogId::parse(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(lines: &[(&str, &str)]) -> Head {
        Head::read(200, lines.iter().map(|(name, value)| (*name, value.as_bytes())))
    }

    #[test]
    fn only_the_position_is_taken_from_a_link() {
        let read = head(&[(
            "Link",
            "<https://evil.example/api/v2/logs?from=900123&take=2>; rel=\"next\"",
        )]);
        assert_eq!(read.next_from, LogId::parse("900123"));
        assert_eq!(head(&[("Link", "<http://a/?from=1>; rel=\"first\"")]).next_from, None);
        assert_eq!(head(&[("Link", "rel=\"next\" nonsense")]).next_from, None);
    }

    #[test]
    fn the_pause_is_measured_by_the_tenants_own_clock() {
        let read = head(&[
            ("date", "Fri, 03 Sep 2021 20:16:32 GMT"),
            ("x-ratelimit-reset", "1630700222"),
            ("x-ratelimit-remaining", "0"),
        ]);
        assert_eq!(read.rate_limit.pause(read.date.unwrap()), Some(30_000));
        let told = head(&[("Retry-After", "7"), ("x-ratelimit-reset", "1")]);
        assert_eq!(told.rate_limit.pause(Timestamp::AUTH0_BEGAN), Some(7_000));
        let past = head(&[("x-ratelimit-reset", "1")]);
        assert_eq!(past.rate_limit.pause(Timestamp::AUTH0_BEGAN), Some(1_000));
        assert_eq!(head(&[]).rate_limit.pause(Timestamp::AUTH0_BEGAN), None);
    }
}
