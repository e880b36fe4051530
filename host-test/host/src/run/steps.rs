//! The loop to `done`. It is written here once: a sync, the conformance kit and
//! the benchmarks differ in where steps are taken from and in who watches them.

use std::time::Duration;

use async_trait::async_trait;

use super::breach::{Breach, MAX_CHECKPOINT};
use super::ledger::Ledger;
use super::meter::{Meter, StepLimits};
use super::watcher::StepWatcher;
use crate::clock::SharedClock;
use crate::contract::{
    Batch, ConfigureError, Ended, Ending, Failure, Mode, Notice, Pause, Request, ResourceInfo, Run,
    Step,
};
use crate::error::HostError;
use crate::instance::Instance;
use crate::stop::StopSignal;
use crate::storage::{RunEnd, Storage, StorageError};
use crate::validation;

/// The source of steps: a component's instance, or a native program.
#[async_trait]
pub trait StepSource: Send {
    /// The next step of the sync that the request describes.
    async fn step(&mut self, request: &Request) -> Result<Result<Step, Failure>, HostError>;

    /// The checkpoint after the steps returned so far.
    async fn checkpoint(&mut self) -> Result<Result<String, Failure>, HostError>;

    /// Goes back to a checkpoint: the steps returned since, and what is in flight,
    /// are dropped.
    async fn rewind(
        &mut self,
        checkpoint: Option<&str>,
    ) -> Result<Result<(), ConfigureError>, HostError>;
}

#[async_trait]
impl StepSource for Instance {
    async fn step(&mut self, request: &Request) -> Result<Result<Step, Failure>, HostError> {
        self.sync(request).await
    }

    async fn checkpoint(&mut self) -> Result<Result<String, Failure>, HostError> {
        Instance::checkpoint(self).await
    }

    async fn rewind(
        &mut self,
        checkpoint: Option<&str>,
    ) -> Result<Result<(), ConfigureError>, HostError> {
        self.configure_again(checkpoint).await
    }
}

/// What the loop is bound by.
pub struct StepPlan<'a> {
    /// The resources that the configuration allows: batches are judged by them.
    pub resources: &'a [ResourceInfo],
    /// What is requested.
    pub request: &'a Request,
    /// The longest single wait.
    pub max_wait: Duration,
    /// The monotonic time at which the budget is spent, if there is one.
    pub budget_end: Option<Duration>,
    /// What ends a sync that would never end.
    pub limits: StepLimits,
    /// The clock by which it waits.
    pub clock: &'a SharedClock,
    /// What ends it between two steps.
    pub stop: &'a StopSignal,
}

/// Why the loop ended before `done`.
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
    /// The component requests a longer wait than is allowed.
    TooLongAWait {
        /// The wait.
        span: Duration,
        /// What is being waited for, where the component says so.
        cause: Option<Failure>,
    },
    /// The budget is spent, and more is left to read.
    BudgetSpent {
        /// The wait that the component requests, where it outlasts the budget.
        wait: Option<Duration>,
    },
    /// The stop signal was raised.
    Stopped,
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
/// next is requested, until every wanted resource has ended.
///
/// A publication that the storage refuses costs its resource this sync, and no
/// other: the source goes back to the checkpoint stored last, and the rest is
/// requested from there.
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
    storage.prepare(plan.resources).await?;
    let ledger = Ledger::new(plan.resources, plan.request);
    let meter = Meter::default();
    let request = plan.request.clone();
    let (full, progressed) = (false, false);
    let mut steps =
        Steps { plan, request, source, storage, watcher, ledger, meter, full, progressed };
    while !steps.step().await? {}
    Ok(())
}

struct Steps<'a> {
    plan: &'a StepPlan<'a>,
    /// What is requested now: less than at first, once a publication was refused.
    request: Request,
    source: &'a mut dyn StepSource,
    storage: &'a mut dyn Storage,
    watcher: &'a mut dyn StepWatcher,
    ledger: Ledger,
    meter: Meter,
    /// Whether a full run became complete.
    full: bool,
    /// Whether batches or the end of a run were stored: a budget that is spent before
    /// would leave the next sync what this one was left.
    progressed: bool,
}

impl Steps<'_> {
    /// Takes one step; returns whether it was the last.
    async fn step(&mut self) -> Result<bool, StepsEnd> {
        if self.plan.stop.is_raised() {
            return Err(StepsEnd::Stopped);
        }
        if self.progressed && !self.ledger.all_ended() && self.outlasts_budget(Duration::ZERO) {
            return Err(StepsEnd::BudgetSpent { wait: None });
        }
        let called = self.source.step(&self.request).await;
        let requests = self.watcher.called();
        let step = called?.map_err(StepsEnd::Failed)?;
        let checkpoint = self.checkpoint().await?;
        let batches: &[Batch] = if let Step::Batches(batches) = &step { batches } else { &[] };
        self.meter.count(self.plan.limits, batches, requests)?;
        match step {
            Step::Began(run) => self.began(&run, &checkpoint).await?,
            Step::Batches(batches) => return self.batches(&batches, &checkpoint).await,
            Step::Warned(notice) => self.warned(&notice, &checkpoint).await?,
            Step::Ended(ended) => return self.ended(&ended, &checkpoint).await,
            Step::Wait(pause) => {
                self.storage.commit(&[], &checkpoint).await?;
                self.wait(pause).await?;
            }
            Step::Done => {
                self.done(&checkpoint).await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn checkpoint(&mut self) -> Result<String, StepsEnd> {
        let checkpoint = self.source.checkpoint().await?.map_err(Breach::NoCheckpoint)?;
        if checkpoint.len() > MAX_CHECKPOINT {
            return Err(Breach::CheckpointSize(checkpoint.len()).into());
        }
        self.watcher.checkpoint(&checkpoint).map_err(Breach::Checkpoint)?;
        Ok(checkpoint)
    }

    async fn began(&mut self, run: &Run, checkpoint: &str) -> Result<(), StepsEnd> {
        self.ledger.began(run)?;
        self.storage.commit(&[], checkpoint).await?;
        self.watcher.began(run);
        Ok(())
    }

    /// Checks and stores the batches of one step, all or none. Returns whether
    /// nothing is left to read.
    async fn batches(&mut self, batches: &[Batch], checkpoint: &str) -> Result<bool, StepsEnd> {
        validation::check(self.plan.resources, batches).map_err(Breach::Batch)?;
        self.ledger.batches(batches)?;
        self.watcher.batches(batches);
        match self.storage.commit(batches, checkpoint).await {
            Ok(committed) => {
                self.watcher.stored(batches, &committed);
                self.progressed = true;
                Ok(false)
            }
            Err(error) => match &error {
                StorageError::EmptyReplacement { resource, .. } => {
                    self.refused(resource, &error).await
                }
                _ => Err(error.into()),
            },
        }
    }

    /// A resource's publication is refused, and nothing of its step is stored. The
    /// next sync carries on with it from the checkpoint before, as this one does
    /// with the others.
    async fn refused(&mut self, resource: &str, error: &StorageError) -> Result<bool, StepsEnd> {
        let run = self.ledger.refused(resource)?;
        self.request.wants = self.ledger.rest(self.plan.request);
        self.watcher.refused(&run, error);
        if self.request.wants.is_empty() {
            return Ok(true);
        }
        let checkpoint = self.storage.checkpoint().await?;
        self.source.rewind(checkpoint.as_deref()).await?.map_err(Breach::NotResumed)?;
        Ok(false)
    }

    async fn warned(&mut self, notice: &Notice, checkpoint: &str) -> Result<(), StepsEnd> {
        notice.resource.iter().try_for_each(|resource| self.ledger.knows(resource))?;
        self.storage.commit(&[], checkpoint).await?;
        self.watcher.warned(notice);
        Ok(())
    }

    /// Returns whether nothing is left to read: a run that would follow a resumed one is
    /// not begun once the budget is spent.
    async fn ended(&mut self, ended: &Ended, checkpoint: &str) -> Result<bool, StepsEnd> {
        let run = self.ledger.ended(ended)?;
        let end = match &ended.ending {
            Ending::Complete => RunEnd::Complete,
            Ending::Failed(_) => RunEnd::Failed,
            Ending::Postponed(_) => RunEnd::Postponed,
        };
        self.storage.end_run(&run.resource, end, checkpoint).await?;
        self.full |= end == RunEnd::Complete && run.mode == Mode::Full;
        self.progressed = true;
        self.watcher.ended(&run, &ended.ending);
        let enough = self.ledger.all_complete() && self.outlasts_budget(Duration::ZERO);
        if enough {
            self.complete(checkpoint).await?;
        }
        Ok(enough)
    }

    async fn wait(&mut self, pause: Pause) -> Result<(), StepsEnd> {
        let span = Duration::from_millis(u64::from(pause.milliseconds));
        let cause = pause.cause;
        if span > self.plan.max_wait {
            return Err(StepsEnd::TooLongAWait { span, cause });
        }
        if self.outlasts_budget(span) {
            return Err(StepsEnd::BudgetSpent { wait: Some(span) });
        }
        let end = self.plan.clock.monotonic().saturating_add(span);
        self.watcher.waiting(span, cause.as_ref());
        let over = self.plan.clock.wait_until(end);
        let raised = std::pin::pin!(self.plan.stop.raised());
        futures::future::select(over, raised).await;
        Ok(())
    }

    /// Whether the budget is spent so long from now.
    fn outlasts_budget(&self, span: Duration) -> bool {
        let then = self.plan.clock.monotonic().saturating_add(span);
        self.plan.budget_end.is_some_and(|end| then >= end)
    }

    async fn done(&mut self, checkpoint: &str) -> Result<(), StepsEnd> {
        self.ledger.done()?;
        if self.ledger.all_complete() {
            self.complete(checkpoint).await?;
        } else {
            self.storage.commit(&[], checkpoint).await?;
        }
        Ok(())
    }

    async fn complete(&mut self, checkpoint: &str) -> Result<(), StepsEnd> {
        let mode = if self.full { Mode::Full } else { Mode::Latest };
        self.storage.complete(mode, self.plan.clock.wall(), checkpoint).await?;
        Ok(())
    }
}

#[cfg(test)]
#[path = "steps/tests.rs"]
mod tests;
