//! A sync, taken step by step; each step is judged and stored.

use std::time::Duration;

use rawdash_host::clock::SharedClock;
use rawdash_host::contract::{About, Batch, Failure, Mode, Run};
use rawdash_host::error::{HostError, Limit};
use rawdash_host::run::{Breach, StepPlan, StepWatcher, StepsEnd, take_steps};
use rawdash_host::stop::StopSignal;
use rawdash_host::storage::{Storage, StorageError};
use rawdash_host::transport::Transport;

use super::rule::Rule;
use super::subject::{Opened, everything};
use super::watch::Watch;

/// Steps in a row that neither return a record nor send a request.
const IDLE: u64 = 1000;

/// The longest wait that is really waited for.
const PATIENCE: Duration = Duration::from_secs(300);

/// How a walk ended.
#[derive(Debug)]
pub(super) enum End {
    /// Everything requested is stored.
    Done,
    /// The sync ended early: the source or the credentials are at fault.
    Failed(Failure),
    /// A call did not return.
    Broke(HostError),
    /// The component broke a rule, which is noted.
    Wrong,
    /// The storage refused a step.
    Stored(StorageError),
}

/// Takes steps until everything requested is stored.
pub(super) async fn to_the_end(
    about: &About,
    opened: &mut Opened,
    mode: Mode,
    clock: &SharedClock,
    storage: &mut dyn Storage,
    watch: &mut Watch<'_>,
) -> End {
    let plan = StepPlan {
        about,
        request: &everything(mode),
        max_wait: PATIENCE,
        records: opened.most_records,
        idle_steps: IDLE,
        clock,
        stop: &StopSignal::new(),
    };
    let mut judge = Judge { watch, transport: opened.transport.clone(), failed: None };
    let ended = take_steps(&plan, &mut opened.instance, storage, &mut judge).await;
    match ended {
        // Missing records could not be verified.
        Ok(()) => judge.failed.take().map_or(End::Done, End::Failed),
        Err(end) => judge.end(end),
    }
}

/// Passes each step to the watch.
struct Judge<'a, 'w> {
    watch: &'a mut Watch<'w>,
    transport: Transport,
    failed: Option<Failure>,
}

impl Judge<'_, '_> {
    fn end(&mut self, end: StepsEnd) -> End {
        let findings = &mut *self.watch.findings;
        match end {
            StepsEnd::Failed(failure) => {
                findings.text("a failure's message", &failure.message);
                End::Failed(failure)
            }
            StepsEnd::Broke(error @ HostError::Limit(Limit::Records(_) | Limit::IdleSteps(_))) => {
                findings.wrong(Rule::Run, error);
                End::Wrong
            }
            StepsEnd::Broke(error) => End::Broke(error),
            StepsEnd::Breach(Breach::Batch(violation)) => {
                self.watch.violation(&violation);
                End::Wrong
            }
            StepsEnd::Breach(breach) => {
                findings.wrong(Rule::Steps, breach);
                End::Wrong
            }
            StepsEnd::Storage(error) => End::Stored(error),
            StepsEnd::TooLongAWait(span) => End::Failed(Failure {
                kind: "rate-limited".to_owned(),
                message: format!("the source requires a pause of {} s", span.as_secs()),
                resource: None,
                status: None,
                retry_after: u32::try_from(span.as_millis()).ok(),
            }),
            // The signal is never raised.
            StepsEnd::Stopped => End::Wrong,
        }
    }
}

impl StepWatcher for Judge<'_, '_> {
    fn called(&mut self) -> u64 {
        for credential in self.transport.take_credentials() {
            self.watch.findings.learn(&credential);
        }
        self.transport.traffic().requests()
    }

    fn checkpoint(&mut self, checkpoint: &str) -> Result<(), String> {
        self.watch.findings.text("a checkpoint", checkpoint);
        Ok(())
    }

    fn began(&mut self, run: &Run) {
        self.watch.began(run);
    }

    fn batches(&mut self, batches: &[Batch]) {
        self.watch.batches(batches);
    }

    fn resource_failed(&mut self, _: &str, failure: &Failure) {
        self.watch.findings.text("a failure's message", &failure.message);
        self.failed = Some(failure.clone());
    }
}
