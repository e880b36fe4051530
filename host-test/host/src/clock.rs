//! Time as the host and its components see it. One clock drives every wait, so a
//! test that controls the clock never really waits.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use time::OffsetDateTime;
use tokio::sync::watch;

/// A monotonic clock, a wall clock, and waits on the monotonic one.
pub trait Clock: Send + Sync + 'static {
    /// Time since a fixed moment of this clock. Never goes back.
    fn monotonic(&self) -> Duration;

    /// The time of day.
    fn wall(&self) -> OffsetDateTime;

    /// Ends once [`monotonic`](Self::monotonic) has reached `instant`.
    fn wait_until(&self, instant: Duration) -> BoxFuture<'static, ()>;
}

/// A clock that every part of a sync shares.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time begins now.
    pub fn new() -> Self {
        SystemClock { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    fn wall(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    fn wait_until(&self, instant: Duration) -> BoxFuture<'static, ()> {
        let wait = self.start.checked_add(instant).map(tokio::time::Instant::from_std);
        Box::pin(async move {
            match wait {
                Some(instant) => tokio::time::sleep_until(instant).await,
                // Later than the machine can represent: never.
                None => std::future::pending().await,
            }
        })
    }
}

/// A clock that stands still until [`advance`](Self::advance) is called. Clones
/// share one clock.
#[derive(Clone, Debug)]
pub struct DrivenClock {
    start: OffsetDateTime,
    elapsed: Arc<watch::Sender<Duration>>,
    waits: Arc<Mutex<Waits>>,
}

#[derive(Debug, Default)]
struct Waits {
    next: u64,
    instants: BTreeSet<(Duration, u64)>,
}

impl DrivenClock {
    /// A clock at `start`, with its monotonic time at zero.
    pub fn new(start: OffsetDateTime) -> Self {
        DrivenClock {
            start,
            elapsed: Arc::new(watch::Sender::new(Duration::ZERO)),
            waits: Arc::default(),
        }
    }

    /// Advances by `span` and ends the waits that are over.
    pub fn advance(&self, span: Duration) {
        self.elapsed.send_modify(|elapsed| *elapsed = elapsed.saturating_add(span));
    }

    /// The earliest instant that something waits for, if any.
    pub fn next_wait(&self) -> Option<Duration> {
        self.waits().instants.first().map(|(instant, _)| *instant)
    }

    fn waits(&self) -> MutexGuard<'_, Waits> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_wait(&self, instant: Duration) -> Wait {
        let mut waits = self.waits();
        waits.next += 1;
        let key = (instant, waits.next);
        waits.instants.insert(key);
        Wait { clock: self.clone(), key }
    }
}

/// One wait under way. Dropping it ends it.
struct Wait {
    clock: DrivenClock,
    key: (Duration, u64),
}

impl Drop for Wait {
    fn drop(&mut self) {
        self.clock.waits().instants.remove(&self.key);
    }
}

impl Clock for DrivenClock {
    fn monotonic(&self) -> Duration {
        *self.elapsed.borrow()
    }

    fn wall(&self) -> OffsetDateTime {
        self.start.saturating_add(
            time::Duration::try_from(self.monotonic()).unwrap_or(time::Duration::MAX),
        )
    }

    fn wait_until(&self, instant: Duration) -> BoxFuture<'static, ()> {
        let wait = self.note_wait(instant);
        let mut elapsed = self.elapsed.subscribe();
        Box::pin(async move {
            // The wait holds the sender, so the channel cannot close.
            let _ = elapsed.wait_for(|elapsed| *elapsed >= instant).await;
            drop(wait);
        })
    }
}

/// The result of `work`, or `None` if the clock reaches `deadline` first. A result
/// that is ready counts even if the deadline has passed.
pub(crate) async fn within<T>(
    clock: &dyn Clock,
    deadline: Duration,
    work: impl Future<Output = T>,
) -> Option<T> {
    let mut late = clock.wait_until(deadline);
    let mut work = std::pin::pin!(work);
    std::future::poll_fn(move |context| {
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(Some(done));
        }
        late.as_mut().poll(context).map(|()| None)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use time::macros::datetime;

    #[tokio::test]
    async fn a_wait_ends_when_the_driven_clock_reaches_it_and_not_before() {
        let clock = DrivenClock::new(datetime!(2026-01-01 0:00 UTC));
        let mut wait = clock.wait_until(Duration::from_secs(60));
        assert_eq!(clock.next_wait(), Some(Duration::from_secs(60)));
        clock.advance(Duration::from_secs(59));
        assert!((&mut wait).now_or_never().is_none());
        clock.advance(Duration::from_secs(1));
        wait.await;
        assert_eq!(clock.next_wait(), None);
        assert_eq!(clock.wall(), datetime!(2026-01-01 0:01 UTC));
    }

    #[tokio::test]
    async fn what_is_ready_is_taken_although_its_deadline_has_passed() {
        let clock = DrivenClock::new(datetime!(2026-01-01 0:00 UTC));
        clock.advance(Duration::from_secs(60));
        assert_eq!(within(&clock, Duration::from_secs(1), async { 1 }).await, Some(1));
        let pending = std::future::pending::<()>();
        assert_eq!(within(&clock, Duration::from_secs(1), pending).await, None);
    }
}
