//! The loop from `began` to `done`, written once: a sync, the conformance kit and
//! the benchmarks differ in the source of the steps and in their watcher.

use std::time::Duration;

use async_trait::async_trait;

use crate::clock::SharedClock;
use crate::contract::{About, Batch, Failure, Mode, Request, Run, Step, record_count};
use crate::error::{HostError, Limit};
use crate::instance::Instance;
use crate::stop::StopSignal;
use crate::storage::{Committed, Storage, StorageError};
use crate::validation::{self, Violation};

/// The source of steps: a component's instance, or a native program.
#[async_trait]
pub trait StepSource: Send {
    /// The next step of the sync that the request describes.
    async fn step(&mut self, request: &Request) -> Result<Result<Step, Failure>, HostError>;

    /// The checkpoint after the steps returned so far.
    async fn checkpoint(&mut self) -> Result<Result<String, Failure>, HostError>;
}

#[async_trait]
impl StepSource for Instance {
    async fn step(&mut self, request: &Request) -> Result<Result<Step, Failure>, HostError> {
        self.sync(request).await
    }

    async fn checkpoint(&mut self) -> Result<Result<String, Failure>, HostError> {
        Instance::checkpoint(self).await
    }
}

/// Watches the steps. It cannot change them, only object to a checkpoint.
pub trait StepWatcher: Send {
    /// A call returned; the traffic so far belongs to it. Returns the number of
    /// requests sent so far.
    fn called(&mut self) -> u64 {
        0
    }

    /// A checkpoint that is about to be stored. An objection ends the loop.
    fn checkpoint(&mut self, checkpoint: &str) -> Result<(), String> {
        let _ = checkpoint;
        Ok(())
    }

    /// A run began or resumed.
    fn began(&mut self, run: &Run) {
        let _ = run;
    }

    /// The batches of a step, each legal by itself, before they are stored.
    fn batches(&mut self, batches: &[Batch]) {
        let _ = batches;
    }

    /// The batches of a step, stored.
    fn stored(&mut self, batches: &[Batch], committed: &Committed) {
        let _ = (batches, committed);
    }

    /// A resource failed for good.
    fn resource_failed(&mut self, resource: &str, failure: &Failure) {
        let _ = (resource, failure);
    }

    /// The loop waits for this long.
    fn waiting(&mut self, span: Duration) {
        let _ = span;
    }

    /// A run ended, and another one follows.
    fn followed(&mut self) {}
}

/// No watcher.
impl StepWatcher for () {}

/// The parameters of the loop.
pub struct StepPlan<'a> {
    /// The manifest that the batches are judged by.
    pub about: &'a About,
    /// The request.
    pub request: &'a Request,
    /// The longest single wait.
    pub max_wait: Duration,
    /// The most records.
    pub records: u64,
    /// The most steps in a row that neither return a record nor send a request.
    pub idle_steps: u64,
    /// The clock on which it waits.
    pub clock: &'a SharedClock,
    /// What ends it between two steps.
    pub stop: &'a StopSignal,
}

/// Why the loop ended before everything was done.
#[derive(Debug)]
pub enum StepsEnd {
    /// The component ended the sync.
    Failed(Failure),
    /// A call did not return, or the component reached a limit.
    Broke(HostError),
    /// The component broke the contract.
    Breach(Breach),
    /// The storage refused a step.
    Storage(StorageError),
    /// The component requires a longer wait than allowed.
    TooLongAWait(Duration),
    /// The stop signal was raised.
    Stopped,
}

/// How a component broke the contract.
#[derive(Clone, Debug, PartialEq)]
pub enum Breach {
    /// A run began before the one under way had ended.
    RunWithinRun,
    /// A run began in mode `auto`.
    ModeAuto,
    /// The first step of a run was not `began`.
    NotBegun,
    /// A resource failed, and the failure does not name it.
    NamelessFailure,
    /// A resource failed that the manifest does not have.
    UnknownFailure,
    /// There is no checkpoint after a step.
    NoCheckpoint(Failure),
    /// The watcher's objection to a checkpoint.
    Checkpoint(String),
    /// A batch is not legal.
    Batch(Violation),
}

impl std::fmt::Display for Breach {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Breach::Batch(violation) = self {
            return violation.fmt(f);
        }
        f.write_str("the component broke the contract: ")?;
        match self {
            Breach::RunWithinRun => f.write_str("a run began within a run"),
            Breach::ModeAuto => f.write_str("a run began in mode auto"),
            Breach::NotBegun => f.write_str("a run's first step was not `began`"),
            Breach::NamelessFailure => f.write_str("a resource failed without its name"),
            Breach::UnknownFailure => f.write_str("a resource failed that is not in its manifest"),
            Breach::NoCheckpoint(failure) => {
                write!(f, "there is no checkpoint after a step: {}", failure.message)
            }
            Breach::Checkpoint(objection) => f.write_str(objection),
            Breach::Batch(_) => Ok(()),
        }
    }
}

impl From<HostError> for StepsEnd {
    fn from(error: HostError) -> StepsEnd {
        StepsEnd::Broke(error)
    }
}

impl From<Breach> for StepsEnd {
    fn from(breach: Breach) -> StepsEnd {
        StepsEnd::Breach(breach)
    }
}

impl From<StorageError> for StepsEnd {
    fn from(error: StorageError) -> StepsEnd {
        StepsEnd::Storage(error)
    }
}

/// Takes step after step, each stored with the checkpoint after it before the
/// next is requested, until what the plan requests is done.
///
/// Dropping the future loses only the step under way.
///
/// # Errors
/// See [`StepsEnd`].
pub async fn take_steps(
    plan: &StepPlan<'_>,
    source: &mut dyn StepSource,
    storage: &mut dyn Storage,
    watcher: &mut dyn StepWatcher,
) -> Result<(), StepsEnd> {
    let mut steps = Steps { plan, source, storage, watcher, meter: Meter::default() };
    while steps.run().await?.deferred {
        steps.watcher.followed();
    }
    Ok(())
}

struct Steps<'a> {
    plan: &'a StepPlan<'a>,
    source: &'a mut dyn StepSource,
    storage: &'a mut dyn Storage,
    watcher: &'a mut dyn StepWatcher,
    meter: Meter,
}

impl Steps<'_> {
    /// One run, from `began` to `done`.
    async fn run(&mut self) -> Result<Run, StepsEnd> {
        let mut begun: Option<Run> = None;
        let mut failed = false;
        loop {
            if self.plan.stop.is_raised() {
                return Err(StepsEnd::Stopped);
            }
            let called = self.source.step(self.plan.request).await;
            let requests = self.watcher.called();
            let step = called?.map_err(StepsEnd::Failed)?;
            let checkpoint = self.checkpoint().await?;
            match (step, &begun) {
                (Step::Began(_), Some(_)) => return Err(Breach::RunWithinRun.into()),
                (Step::Began(run), None) => {
                    if run.mode == Mode::Auto {
                        return Err(Breach::ModeAuto.into());
                    }
                    self.watcher.began(&run);
                    self.commit(&[], &checkpoint, requests).await?;
                    begun = Some(run);
                }
                // Also before a run begins: the source may not be reachable yet.
                (Step::Wait(milliseconds), _) => {
                    self.commit(&[], &checkpoint, requests).await?;
                    self.wait(milliseconds).await?;
                }
                (_, None) => return Err(Breach::NotBegun.into()),
                (Step::Batches(batches), _) => {
                    self.commit(&batches, &checkpoint, requests).await?;
                }
                (Step::ResourceFailed(failure), _) => {
                    failed = true;
                    self.abandon(&failure, &checkpoint).await?;
                }
                (Step::Done, Some(run)) => {
                    let run = *run;
                    self.complete(&run, failed, &checkpoint).await?;
                    return Ok(run);
                }
            }
        }
    }

    async fn checkpoint(&mut self) -> Result<String, StepsEnd> {
        let checkpoint = self.source.checkpoint().await?.map_err(Breach::NoCheckpoint)?;
        self.watcher.checkpoint(&checkpoint).map_err(Breach::Checkpoint)?;
        Ok(checkpoint)
    }

    /// Checks and stores the batches of one step, all or none.
    async fn commit(
        &mut self,
        batches: &[Batch],
        checkpoint: &str,
        requests: u64,
    ) -> Result<(), StepsEnd> {
        validation::check(self.plan.about, batches).map_err(Breach::Batch)?;
        self.meter.count(self.plan, batches, requests)?;
        self.watcher.batches(batches);
        let committed = self.storage.commit(batches, checkpoint).await?;
        self.watcher.stored(batches, &committed);
        Ok(())
    }

    async fn abandon(&mut self, failure: &Failure, checkpoint: &str) -> Result<(), StepsEnd> {
        let Some(resource) = &failure.resource else { return Err(Breach::NamelessFailure.into()) };
        if !self.plan.about.resources.iter().any(|known| known.name == *resource) {
            return Err(Breach::UnknownFailure.into());
        }
        self.storage.abandon(resource, checkpoint).await?;
        self.watcher.resource_failed(resource, failure);
        Ok(())
    }

    async fn wait(&mut self, milliseconds: u32) -> Result<(), StepsEnd> {
        let span = Duration::from_millis(u64::from(milliseconds));
        if span > self.plan.max_wait {
            return Err(StepsEnd::TooLongAWait(span));
        }
        let end = self.plan.clock.monotonic().saturating_add(span);
        self.watcher.waiting(span);
        let over = self.plan.clock.wait_until(end);
        let raised = std::pin::pin!(self.plan.stop.raised());
        futures::future::select(over, raised).await;
        Ok(())
    }

    async fn complete(
        &mut self,
        run: &Run,
        failed: bool,
        checkpoint: &str,
    ) -> Result<(), StepsEnd> {
        if failed {
            self.storage.commit(&[], checkpoint).await?;
        } else {
            self.storage.complete(run.mode, self.plan.clock.wall(), checkpoint).await?;
        }
        Ok(())
    }
}

/// Limits a sync that would never end by itself.
#[derive(Debug, Default)]
struct Meter {
    records: u64,
    /// Steps in a row that neither returned a record nor sent a request.
    idle: u64,
    requests: u64,
}

impl Meter {
    fn count(
        &mut self,
        plan: &StepPlan<'_>,
        batches: &[Batch],
        requests: u64,
    ) -> Result<(), HostError> {
        let returned = batches.iter().map(|batch| record_count(&batch.records)).sum::<u64>();
        self.records = self.records.saturating_add(returned);
        if self.records > plan.records {
            return Err(HostError::Limit(Limit::Records(plan.records)));
        }
        if returned > 0 || requests != self.requests {
            self.idle = 0;
            self.requests = requests;
        }
        self.idle += 1;
        if self.idle > plan.idle_steps {
            return Err(HostError::Limit(Limit::IdleSteps(plan.idle_steps)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
