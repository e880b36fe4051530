//! What a reply's headers say about the rate limit.

use crate::engine::timestamp::{Milliseconds, SECOND, Timestamp};

/// The `X-RateLimit-…` and `Retry-After` headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateLimit {
    /// The size of the bucket.
    pub limit: Option<u32>,
    /// Requests left in it.
    pub remaining: Option<u32>,
    /// When more are added, in seconds since the epoch by the server's clock.
    pub reset: Option<i64>,
    /// Seconds to wait, stated outright.
    pub retry_after: Option<u64>,
}

impl RateLimit {
    /// Milliseconds to wait before the next attempt, at least a second; `None`
    /// when the headers do not say.
    pub fn pause(&self, date: Timestamp) -> Option<u64> {
        if let Some(seconds) = self.retry_after {
            return Some(seconds.saturating_mul(1000).max(1000));
        }
        let reset = self.reset?.checked_mul(SECOND)?;
        // The date counts to the end of its second, the reset to its begin.
        let pause: Milliseconds = reset.saturating_sub(date.millis()).saturating_add(SECOND - 1);
        Some(u64::try_from(pause).unwrap_or(0).max(1000))
    }
}
