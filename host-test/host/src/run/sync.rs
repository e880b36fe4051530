//! A sync: from the configuration to the report.

use std::time::Duration;

use time::format_description::well_known::Rfc3339;

use super::configured_instance::ConfiguredInstance;
use super::meter::StepLimits;
use super::narration::Narration;
use super::observer::RunObserver;
use super::settings::{Settings, SyncOptions};
use super::steps::{StepPlan, StepsEnd, take_steps};
use super::watcher::StepWatcher;
use crate::clock::SharedClock;
use crate::component::Connector;
use crate::contract::{About, Batch, Effect, Ending, Failure, Notice, Run, Warning, record_count};
use crate::failure::{FailureReport, HostKind};
use crate::report::{Report, ResourceReport, ResourceState};
use crate::stop::StopSignal;
use crate::storage::{Committed, Storage, StorageError};

/// One sync of one connector.
pub struct Sync<'a> {
    /// The connector.
    pub connector: &'a Connector,
    /// Its manifest.
    pub about: &'a About,
    /// Its configuration, and what it may use.
    pub settings: &'a Settings,
    /// What to do.
    pub options: &'a SyncOptions,
    /// The clock of everything in it.
    pub clock: &'a SharedClock,
    /// What ends it between two steps.
    pub stop: &'a StopSignal,
}

impl Sync<'_> {
    /// Runs the connector until every wanted resource has ended, or the sync
    /// cannot go on.
    ///
    /// Each step is stored with its checkpoint before the next is requested, so
    /// dropping the future loses nothing but the step under way. The future is
    /// `Send`: one process may run many.
    pub async fn run(&self, storage: &mut dyn Storage, observer: &mut dyn RunObserver) -> Report {
        let begun = self.clock.monotonic();
        let named = self.options.request.resources.iter().map(String::as_str);
        let mut report = Report::of(named);
        let budget_end = self.options.budget.map(|budget| begun.saturating_add(budget));
        match self.open(storage).await {
            Ok(configured) => {
                self.take(configured, budget_end, storage, observer, &mut report).await;
            }
            Err(failure) => {
                observer.failure(None, &failure);
                report.failure = Some(failure);
            }
        }
        let took = self.clock.monotonic().saturating_sub(begun);
        report.wall_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        report
    }

    async fn open(&self, storage: &mut dyn Storage) -> Result<ConfiguredInstance, FailureReport> {
        let Sync { connector, about, settings, clock, .. } = self;
        let checkpoint = storage.checkpoint().await;
        let checkpoint = checkpoint.map_err(|error| FailureReport::from(&error))?;
        ConfiguredInstance::open(connector, about, settings, clock, checkpoint.as_deref()).await
    }

    async fn take(
        &self,
        configured: ConfiguredInstance,
        budget_end: Option<Duration>,
        storage: &mut dyn Storage,
        observer: &mut dyn RunObserver,
        report: &mut Report,
    ) {
        let ConfiguredInstance { mut instance, narration, resources } = configured;
        let request = self.options.request.request(&resources);
        if request.wants.is_empty() {
            report.want(resources.iter().map(|resource| resource.name.as_str()));
        }
        report.want(request.wants.iter().map(|want| want.resource.as_str()));
        let traffic = narration.traffic();
        let memory = instance.memory_gauge();
        let clock = self.clock;
        let mut narrator = Narrator { narration, observer, report, memory, clock };
        let limits = &self.settings.limits;
        let plan = StepPlan {
            resources: &resources,
            request: &request,
            max_wait: self.options.max_wait,
            budget_end,
            limits: StepLimits { records: limits.records, idle_steps: limits.idle_steps },
            clock: self.clock,
            stop: self.stop,
        };
        let ended = take_steps(&plan, &mut instance, storage, &mut narrator).await;
        let more = matches!(ended, Err(StepsEnd::BudgetSpent { .. }));
        let ended = ended.map_err(|end| self.failure(&end, &narrator));
        let Narrator { observer, report, .. } = narrator;
        report.more = more;
        report.requests = traffic.requests();
        report.received = traffic.received();
        report.rate_limited = traffic.rate_limited();
        let ended = ended.and_then(|()| match self.return_later(report) {
            Some(failure) => Err(failure),
            None => Ok(()),
        });
        match ended {
            Ok(()) => {
                report.done = true;
                observer.done();
            }
            Err(failure) => {
                observer.failure(None, &failure);
                report.failure = Some(failure);
            }
        }
    }

    fn failure(&self, end: &StepsEnd, narrator: &Narrator<'_>) -> FailureReport {
        let narration = &narrator.narration;
        let redacted = |mut failure: FailureReport| {
            failure.message = narration.redaction().apply(&failure.message);
            failure
        };
        match end {
            StepsEnd::Failed(failure) => narration.final_failure(failure),
            StepsEnd::Broke(error) => redacted(error.into()),
            StepsEnd::Breach(breach) => redacted(FailureReport::new(HostKind::Component, breach)),
            StepsEnd::Storage(error) => error.into(),
            StepsEnd::TooLongAWait { span, cause } => {
                let cause = cause.as_ref().map(|cause| narration.final_failure(cause));
                self.too_long_a_wait(*span, cause)
            }
            StepsEnd::BudgetSpent { wait } => self.budget_spent(*wait),
            StepsEnd::Stopped => interrupted(),
        }
    }

    fn too_long_a_wait(&self, span: Duration, cause: Option<FailureReport>) -> FailureReport {
        let cause = match &cause {
            Some(cause) => cause.message.trim_end_matches('.'),
            None => "the connector does not say what it waits for",
        };
        let message = format!(
            "nothing can be read for {} s, longer than the {} s that this command waits ({cause}): \
             sync again at {}",
            // Not less than it is, so that it is longer in seconds too.
            span.as_millis().div_ceil(1000),
            self.options.max_wait.as_secs(),
            self.time_after(span)
        );
        let mut failure = FailureReport::new(HostKind::Wait, message);
        failure.retry_after_ms = u64::try_from(span.as_millis()).ok();
        failure
    }

    fn budget_spent(&self, wait: Option<Duration>) -> FailureReport {
        let when = match wait {
            Some(span) => format!("at {}, when it can be read", self.time_after(span)),
            None => "to read it".to_owned(),
        };
        let message = format!("the budget is spent, and more is left to read: sync again {when}");
        let mut failure = FailureReport::new(HostKind::Budget, message);
        failure.retry_after_ms =
            wait.map(|span| u64::try_from(span.as_millis()).unwrap_or(u64::MAX));
        failure
    }

    /// When to sync again, where resources are postponed: as soon as one of them
    /// may be read.
    fn return_later(&self, report: &Report) -> Option<FailureReport> {
        let names: Vec<&str> = report.postponed().map(|(name, _)| name).collect();
        if names.is_empty() {
            return None;
        }
        let retry = |(_, resource): (_, &ResourceReport)| resource.failure.as_ref()?.retry_after_ms;
        let earliest = report.postponed().filter_map(retry).min();
        let when = match earliest {
            Some(milliseconds) => {
                format!("sync again at {}", self.time_after(Duration::from_millis(milliseconds)))
            }
            None => "sync again later".to_owned(),
        };
        let message = format!("{} could not be read to the end now: {when}", names.join(", "));
        let mut failure = FailureReport::new(HostKind::Wait, message);
        failure.retry_after_ms = earliest;
        Some(failure)
    }

    fn time_after(&self, span: Duration) -> String {
        let wait = time::Duration::try_from(span).unwrap_or(time::Duration::MAX);
        // To the next whole second: not before it.
        let back = self.clock.wall().saturating_add(wait);
        let whole = back.replace_nanosecond(0).unwrap_or(back);
        let back = if whole < back { whole.saturating_add(time::Duration::SECOND) } else { whole };
        back.format(&Rfc3339).unwrap_or_default()
    }
}

fn interrupted() -> FailureReport {
    let message = "the command was stopped by a signal: run it again, and it resumes after the \
                   last step that was stored";
    FailureReport::new(HostKind::Interrupted, message)
}

/// Reports each step to the observer and in the report.
struct Narrator<'a> {
    narration: Narration,
    observer: &'a mut dyn RunObserver,
    report: &'a mut Report,
    memory: crate::sandbox::MemoryGauge,
    clock: &'a SharedClock,
}

impl Narrator<'_> {
    fn warning(&mut self, resource: Option<&str>, warning: &Warning) {
        let mut warning = warning.clone();
        warning.message = self.narration.redaction().apply(&warning.message);
        self.report.warned(resource, &warning);
        self.observer.warning(resource, &warning);
    }
}

impl StepWatcher for Narrator<'_> {
    fn called(&mut self) -> u64 {
        self.narration.learn();
        for denial in self.narration.note_denials() {
            self.observer.denied(denial);
        }
        self.narration.traffic().requests()
    }

    fn checkpoint(&mut self, checkpoint: &str) -> Result<(), String> {
        match self.narration.redaction().finds(checkpoint) {
            Some(name) => Err(format!("its checkpoint holds the secret {name}")),
            None => Ok(()),
        }
    }

    fn began(&mut self, run: &Run) {
        self.report.began(run);
        self.observer.began(run);
    }

    fn stored(&mut self, batches: &[Batch], committed: &Committed) {
        if batches.iter().any(|batch| record_count(&batch.records) > 0) {
            self.narration.forget_denials();
        }
        for (number, batch) in batches.iter().enumerate() {
            let changed = committed.batches.get(number).copied().unwrap_or_default();
            let resource = self.report.resource(&batch.resource);
            resource.count(batch);
            resource.removed = resource.removed.saturating_add(changed.removed);
            // Publishing counts what staged rows change.
            if !matches!(batch.effect, Effect::Stage(_)) {
                resource.written = resource.written.saturating_add(changed.written);
            }
            for warning in &batch.warnings {
                self.warning(Some(&batch.resource), warning);
            }
            self.observer.progress(batch, changed);
        }
        self.observer.stepped(self.memory.bytes());
    }

    fn warned(&mut self, notice: &Notice) {
        for warning in &notice.warnings {
            self.warning(notice.resource.as_deref(), warning);
        }
    }

    fn ended(&mut self, run: &Run, ending: &Ending) {
        let (state, failure) = match ending {
            Ending::Complete => (ResourceState::Complete, None),
            Ending::Failed(failure) => (ResourceState::Failed, Some(failure)),
            Ending::Postponed(failure) => (ResourceState::Postponed, Some(failure)),
        };
        let failure = failure.map(|failure| self.narration.final_failure(failure));
        self.observer.ended(&run.resource, state);
        if let Some(failure) = &failure {
            self.observer.failure(Some(&run.resource), failure);
        }
        self.report.ended(&run.resource, state, failure);
        if state == ResourceState::Complete {
            self.report.resource(&run.resource).completed_at = Some(self.clock.wall());
        }
    }

    fn refused(&mut self, run: &Run, error: &StorageError) {
        let failure = FailureReport::from(error);
        self.observer.ended(&run.resource, ResourceState::Postponed);
        self.observer.failure(Some(&run.resource), &failure);
        self.report.ended(&run.resource, ResourceState::Postponed, Some(failure));
    }

    fn waiting(&mut self, span: Duration, cause: Option<&Failure>) {
        let cause = cause.map(|cause| self.narration.failure(cause, &[]));
        self.report.waited(span);
        self.observer.waiting(span, cause.as_ref());
    }
}
