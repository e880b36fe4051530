//! All steps of a sync, taken in the host's loop: a component's or the native
//! baseline's.

use std::sync::Arc;
use std::time::Duration;

use rawdash_host::clock::{SharedClock, SystemClock};
use rawdash_host::contract::{Batch, Ending, Failure, Mode, ResourceInfo, Run, record_count};
use rawdash_host::run::{
    Selection, StepLimits, StepPlan, StepSource, StepWatcher, StepsEnd, take_steps,
};
use rawdash_host::stop::StopSignal;
use rawdash_host::storage::{Committed, Storage};

use super::measured::Measured;

/// What the steps returned.
#[derive(Debug, Default)]
pub struct Tally {
    /// Records.
    pub records: u64,
    failed: Option<Failure>,
    calls: u64,
}

impl StepWatcher for Tally {
    fn called(&mut self) -> u64 {
        // Requests are not counted here; a growing number keeps steps from looking
        // idle.
        self.calls += 1;
        self.calls
    }

    fn stored(&mut self, batches: &[Batch], _: &Committed) {
        self.records += batches.iter().map(|batch| record_count(&batch.records)).sum::<u64>();
    }

    fn ended(&mut self, _: &Run, ending: &Ending) {
        if let Ending::Failed(failure) | Ending::Postponed(failure) = ending {
            self.failed = Some(failure.clone());
        }
    }
}

/// Takes every step of a sync of everything.
///
/// # Errors
/// When the sync or a resource of it fails.
pub async fn take_all(
    resources: &[ResourceInfo],
    mode: Mode,
    source: &mut dyn StepSource,
    storage: &mut dyn Storage,
    tally: &mut Tally,
) -> Measured<()> {
    let clock: SharedClock = Arc::new(SystemClock::new());
    let plan = StepPlan {
        resources,
        request: &Selection::all(mode).request(resources),
        max_wait: Duration::from_secs(600),
        budget_end: None,
        limits: StepLimits { records: u64::MAX, idle_steps: u64::MAX },
        clock: &clock,
        stop: &StopSignal::new(),
    };
    match take_steps(&plan, source, storage, tally).await {
        Err(StepsEnd::Failed(failure)) => Err(failure.message.into()),
        Err(end) => Err(format!("the sync failed: {end:?}").into()),
        Ok(()) => tally.failed.take().map_or(Ok(()), |failure| Err(failure.message.into())),
    }
}
