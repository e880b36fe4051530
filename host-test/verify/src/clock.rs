//! A clock that runs, and that skips the waits a connector requests.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use time::OffsetDateTime;

use rawdash_host::clock::{Clock, SystemClock};

/// The machine's clock plus the time that was skipped. A wait that no real source
/// requires can be skipped. Clones share one clock.
#[derive(Clone, Default)]
pub(super) struct SkippingClock {
    system: SystemClock,
    skipped: Arc<Mutex<Duration>>,
}

impl SkippingClock {
    /// Advances by `span`, between two calls. Waits under way do not end earlier.
    pub(super) fn skip(&self, span: Duration) {
        let mut skipped = self.skipped.lock().unwrap_or_else(PoisonError::into_inner);
        *skipped = skipped.saturating_add(span);
    }

    fn skipped(&self) -> Duration {
        *self.skipped.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for SkippingClock {
    fn monotonic(&self) -> Duration {
        self.system.monotonic().saturating_add(self.skipped())
    }

    fn wall(&self) -> OffsetDateTime {
        let skipped = time::Duration::try_from(self.skipped()).unwrap_or(time::Duration::MAX);
        self.system.wall().saturating_add(skipped)
    }

    fn wait_until(&self, instant: Duration) -> BoxFuture<'static, ()> {
        self.system.wait_until(instant.saturating_sub(self.skipped()))
    }
}
