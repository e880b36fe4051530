//! Ending a run between two steps, because somebody asked the process to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt, select};
use time::OffsetDateTime;
use tokio::sync::watch;

use super::signals::Signals;
use super::terminal;
use crate::clock::{Clock, SharedClock};
use crate::contract::{Batch, Mode};
use crate::report::Outcome;
use crate::storage::{Committed, Storage, StorageError};

/// Whether the command is to end. Clones are one.
#[derive(Clone)]
pub(super) struct Interrupt {
    asked: Arc<watch::Sender<bool>>,
    resting: Arc<AtomicBool>,
}

impl Interrupt {
    /// One that nobody has asked for yet.
    pub(super) fn new() -> Interrupt {
        Interrupt { asked: Arc::new(watch::Sender::new(false)), resting: Arc::default() }
    }

    /// Listens to the process's signals from now on: the first asks for the
    /// end of the run, a second one ends the process. No step is half stored
    /// in either case.
    pub(super) fn listen(&self) {
        let interrupt = self.clone();
        let mut signals = Signals::listen();
        tokio::spawn(async move {
            signals.next().await;
            terminal::tell("stopping at the end of this step; once more stops at once");
            interrupt.ask();
            signals.next().await;
            std::process::exit(Outcome::ComeBackLater.exit_code().into());
        });
    }

    /// Asks for the end of the run.
    pub(super) fn ask(&self) {
        self.asked.send_replace(true);
    }

    /// Whether it was asked for.
    pub(super) fn is_asked(&self) -> bool {
        *self.asked.borrow()
    }

    /// The run rests: the wait that it begins next may be cut short.
    pub(super) fn rest(&self) {
        self.resting.store(true, Ordering::SeqCst);
    }
}

/// A clock whose run does not rest on once its end is asked for. Deadlines of
/// requests and calls stay what they are.
pub(super) struct InterruptibleClock {
    /// The clock that it is otherwise.
    pub(super) clock: SharedClock,
    /// What ends a rest.
    pub(super) interrupt: Interrupt,
}

impl Clock for InterruptibleClock {
    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    fn wall(&self) -> OffsetDateTime {
        self.clock.wall()
    }

    fn wait_until(&self, instant: Duration) -> BoxFuture<'static, ()> {
        let wait = self.clock.wait_until(instant);
        if !self.interrupt.resting.swap(false, Ordering::SeqCst) {
            return wait;
        }
        let mut asked = self.interrupt.asked.subscribe();
        let end = async move {
            // The clock holds the sender, so the channel cannot close.
            let _ = asked.wait_for(|asked| *asked).await;
        };
        select(wait, end.boxed()).map(|_| ()).boxed()
    }
}

/// A storage that takes no further step once the end is asked for: so the run
/// ends where the last step that was stored ends.
pub(super) struct InterruptibleStorage<'a> {
    /// Where steps are stored.
    pub(super) storage: &'a mut dyn Storage,
    /// What ends that.
    pub(super) interrupt: Interrupt,
}

impl InterruptibleStorage<'_> {
    fn open(&mut self) -> Result<&mut dyn Storage, StorageError> {
        if self.interrupt.is_asked() {
            return Err(StorageError::Unavailable {
                message: "the command was stopped by a signal".to_owned(),
            });
        }
        Ok(self.storage)
    }
}

impl Storage for InterruptibleStorage<'_> {
    fn checkpoint(&mut self) -> Result<Option<String>, StorageError> {
        self.open()?.checkpoint()
    }

    fn commit(&mut self, batches: &[Batch], checkpoint: &str) -> Result<Committed, StorageError> {
        self.open()?.commit(batches, checkpoint)
    }

    fn abandon(&mut self, resource: &str, checkpoint: &str) -> Result<(), StorageError> {
        self.open()?.abandon(resource, checkpoint)
    }

    /// Not refused: the run is at its end anyway.
    fn complete(
        &mut self,
        mode: Mode,
        at: OffsetDateTime,
        checkpoint: &str,
    ) -> Result<(), StorageError> {
        self.storage.complete(mode, at, checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::DrivenClock;
    use time::macros::datetime;

    #[tokio::test]
    async fn only_a_rest_is_cut_short_so_that_no_deadline_is_missed_by_a_signal() {
        let interrupt = Interrupt::new();
        let clock = InterruptibleClock {
            clock: Arc::new(DrivenClock::new(datetime!(2026-01-01 0:00 UTC))),
            interrupt: interrupt.clone(),
        };
        interrupt.rest();
        let mut rest = clock.wait_until(Duration::from_secs(60));
        let mut deadline = clock.wait_until(Duration::from_secs(60));
        assert!((&mut rest).now_or_never().is_none());
        interrupt.ask();
        rest.await;
        assert!((&mut deadline).now_or_never().is_none());
    }
}
