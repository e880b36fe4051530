//! The tenant's own time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The tenant's time in Unix milliseconds. Clones share one time.
///
/// The tenant uses no other time: it determines the `Date` header, token
/// expiry, rate limits, the index lag, and when a log row becomes visible.
#[derive(Clone, Debug)]
pub struct Clock {
    base: Arc<AtomicI64>,
    started: Option<Instant>,
}

impl Clock {
    /// A clock that stays at `unix_ms` until it is advanced or set.
    #[must_use]
    pub fn fixed(unix_ms: i64) -> Self {
        Self { base: Arc::new(AtomicI64::new(unix_ms)), started: None }
    }

    /// A clock that is `unix_ms` now and continues with real time.
    #[must_use]
    pub fn running(unix_ms: i64) -> Self {
        Self { base: Arc::new(AtomicI64::new(unix_ms)), started: Some(Instant::now()) }
    }

    /// A clock with this machine's time.
    #[must_use]
    pub fn system() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Self::running(since.map_or(0, whole_ms))
    }

    /// The time in Unix milliseconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.base.load(Ordering::SeqCst) + self.elapsed()
    }

    /// Moves the time forward by `by`.
    pub fn advance(&self, by: Duration) {
        self.base.fetch_add(whole_ms(by), Ordering::SeqCst);
    }

    /// Sets the time to `unix_ms`, which may be in the past.
    pub fn set(&self, unix_ms: i64) {
        self.base.store(unix_ms - self.elapsed(), Ordering::SeqCst);
    }

    fn elapsed(&self) -> i64 {
        self.started.map_or(0, |since| whole_ms(since.elapsed()))
    }
}

pub(crate) fn whole_ms(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_one_time_so_a_test_controls_the_running_tenant() {
        let clock = Clock::fixed(1_000);
        let other = clock.clone();
        other.advance(Duration::from_millis(250));
        assert_eq!(clock.now(), 1_250);
        other.set(10);
        assert_eq!(clock.now(), 10);
    }
}
