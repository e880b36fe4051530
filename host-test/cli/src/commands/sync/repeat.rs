//! `sync --every`: one sync after the other, until a signal.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use time::format_description::well_known::Rfc3339;

use super::schedule::{Due, Reading, Round};
use super::{Running, Synced, once};
use crate::arguments::SyncArguments;
use crate::output::log::{Entry, Level};
use rawdash_host::clock::SharedClock;
use rawdash_host::failure::Exit;

/// How often the wall clock is looked at: the wait does not see a suspend.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(10);

/// Syncs until a signal. A first sync that waiting cannot repair ends the command, so
/// that a mistake is seen where it is made; a later one does not.
pub(super) async fn run(arguments: &SyncArguments, every: Duration, running: Running<'_>) -> Exit {
    let Running { clock, stop, log } = running;
    let mut arguments = arguments.clone();
    let mut is_first = true;
    loop {
        let begun = reading(clock);
        let Synced { exit, return_after } = once(&arguments, running).await;
        let is_mistake = matches!(exit, Exit::Usage | Exit::Configuration);
        if stop.is_raised() || (is_first && is_mistake) {
            return exit;
        }
        let last = Round { begun, ended: reading(clock), return_after };
        let due = Due::next(every, last, random());
        log.tell(&announced(due.left(last.ended), last.ended));
        if !is_reached(due, running).await {
            return Exit::Done;
        }
        is_first = false;
        // Both are wishes about what an earlier command left behind.
        (arguments.reset, arguments.accept_origins) = (false, false);
    }
}

fn reading(clock: &SharedClock) -> Reading {
    Reading { wall: clock.wall(), monotonic: clock.monotonic() }
}

/// A number that differs between machines and from time to time.
fn random() -> u64 {
    RandomState::new().hash_one(())
}

/// When the next sync begins, as far as is known now.
fn announced(left: Duration, now: Reading) -> Entry {
    let left = time::Duration::try_from(left).unwrap_or(time::Duration::MAX);
    let at = now.wall.saturating_add(left);
    let at = at.replace_nanosecond(0).unwrap_or(at).format(&Rfc3339).unwrap_or_default();
    Entry::new(Level::Info, format!("the next sync begins at {at}")).with("next_sync", at)
}

/// Waits until it is time; `false` if a signal came first.
async fn is_reached(due: Due, Running { clock, stop, .. }: Running<'_>) -> bool {
    loop {
        let left = due.left(reading(clock));
        if left.is_zero() {
            return true;
        }
        let look = clock.monotonic().saturating_add(left.min(LOOK_AT_CLOCK));
        tokio::select! {
            () = stop.raised() => return false,
            () = clock.wait_until(look) => {}
        }
    }
}
