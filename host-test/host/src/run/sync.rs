//! A sync: from the configuration to the report.

use std::time::Duration;

use time::format_description::well_known::Rfc3339;

use super::configured::Configured;
use super::narration::Narration;
use super::observer::RunObserver;
use super::settings::{Settings, SyncOptions};
use super::steps::{StepPlan, StepWatcher, StepsEnd, take_steps};
use crate::clock::SharedClock;
use crate::component::Connector;
use crate::contract::{About, Batch, Effect, Failure, Run, record_count};
use crate::failure::{FailureReport, HostKind, SourceKind};
use crate::report::{Earlier, Report};
use crate::sandbox::MemoryGauge;
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

/// A failure, and the resource that it belongs to, if any.
type Attributed = (Option<String>, FailureReport);

impl Sync<'_> {
    /// Runs the connector until everything requested is stored, or the sync fails.
    ///
    /// Each step is stored with its checkpoint before the next is requested, so
    /// dropping the future loses nothing but the step under way. The future is
    /// `Send`: one process may run many.
    pub async fn run(&self, storage: &mut dyn Storage, observer: &mut dyn RunObserver) -> Report {
        let begun = self.clock.monotonic();
        let request = &self.options.request;
        let mut report = Report::new(self.about, &self.settings.configuration, request);
        match self.open(storage).await {
            Ok(configured) => self.take(configured, storage, observer, &mut report).await,
            Err(failure) => {
                observer.failure(None, &failure);
                report.failure = Some(failure);
            }
        }
        let took = self.clock.monotonic().saturating_sub(begun);
        report.wall_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        report
    }

    async fn open(&self, storage: &mut dyn Storage) -> Result<Configured, FailureReport> {
        let Sync { connector, about, settings, clock, .. } = self;
        let checkpoint = storage.checkpoint().await;
        let checkpoint =
            checkpoint.map_err(|error| FailureReport::new(HostKind::Storage, error))?;
        Configured::open(connector, about, settings, clock, checkpoint.as_deref()).await
    }

    async fn take(
        &self,
        configured: Configured,
        storage: &mut dyn Storage,
        observer: &mut dyn RunObserver,
        report: &mut Report,
    ) {
        let Configured { mut instance, narration } = configured;
        let traffic = narration.traffic();
        let mut narrator = Narrator {
            narration,
            observer,
            report,
            earlier: Earlier::default(),
            first: true,
            memory: instance.memory_gauge(),
        };
        let plan = StepPlan {
            about: self.about,
            request: &self.options.request,
            max_wait: self.options.max_wait,
            records: self.settings.limits.records,
            idle_steps: self.settings.limits.idle_steps,
            clock: self.clock,
            stop: self.stop,
        };
        let ended = take_steps(&plan, &mut instance, storage, &mut narrator).await;
        let ended = ended.map_err(|end| self.attribute(&end, &narrator));
        let Narrator { observer, report, .. } = narrator;
        match ended {
            Ok(()) => {
                report.done = true;
                observer.done();
            }
            Err((resource, failure)) => {
                observer.failure(resource.as_deref(), &failure);
                report.failed(resource.as_deref(), failure);
            }
        }
        report.requests = traffic.requests();
        report.received = traffic.received();
    }

    fn attribute(&self, end: &StepsEnd, narrator: &Narrator<'_>) -> Attributed {
        let narration = &narrator.narration;
        let component = |message: String| {
            FailureReport::new(HostKind::Component, narration.redaction().apply(&message))
        };
        match end {
            StepsEnd::Failed(failure) => {
                let known = |name: &&String| narrator.report.resources.contains_key(*name);
                let resource = failure.resource.as_ref().filter(known).cloned();
                (resource, narration.final_failure(failure))
            }
            StepsEnd::Broke(error) => (None, component(error.to_string())),
            StepsEnd::Breach(breach) => (None, component(breach.to_string())),
            StepsEnd::Storage(error) => stored(error),
            StepsEnd::TooLongAWait(span) => (None, self.too_long_a_wait(*span)),
            StepsEnd::Stopped => (None, interrupted()),
        }
    }

    fn too_long_a_wait(&self, span: Duration) -> FailureReport {
        let wait = time::Duration::try_from(span).unwrap_or(time::Duration::MAX);
        let back = self.clock.wall().saturating_add(wait);
        let back = back.replace_nanosecond(0).unwrap_or(back);
        let message = format!(
            "the source requires a pause of {} s, longer than the {} s that this command \
             waits: sync again at {}",
            span.as_secs(),
            self.options.max_wait.as_secs(),
            back.format(&Rfc3339).unwrap_or_default()
        );
        let mut failure = FailureReport::new(HostKind::Wait, message);
        failure.retry_after_ms = u64::try_from(span.as_millis()).ok();
        failure
    }
}

fn interrupted() -> FailureReport {
    let message = "the command was stopped by a signal: run it again, and it resumes after the \
                   last step that was stored";
    FailureReport::new(HostKind::Interrupted, message)
}

/// An empty replacement is a failure of the source, any other of the storage.
fn stored(error: &StorageError) -> Attributed {
    match error {
        StorageError::EmptyReplacement { resource, .. } => {
            let failure = FailureReport::new(SourceKind::Upstream, error);
            (Some(resource.clone()), failure)
        }
        StorageError::Unavailable { .. } => (None, FailureReport::new(HostKind::Storage, error)),
    }
}

/// Reports each step to the observer and in the report.
struct Narrator<'a> {
    narration: Narration,
    observer: &'a mut dyn RunObserver,
    report: &'a mut Report,
    earlier: Earlier,
    first: bool,
    memory: MemoryGauge,
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
        self.report.began(run, self.first);
        self.observer.began(run);
    }

    fn stored(&mut self, batches: &[Batch], committed: &Committed) {
        if batches.iter().any(|batch| record_count(&batch.records) > 0) {
            self.narration.forget_denials();
        }
        for (number, batch) in batches.iter().enumerate() {
            let changed = committed.batches.get(number).copied().unwrap_or_default();
            self.earlier.count(self.report, batch);
            let resource = self.report.resource(&batch.resource);
            resource.removed = resource.removed.saturating_add(changed.removed);
            // Publishing counts what staged rows change.
            if !matches!(batch.effect, Effect::Stage(_)) {
                resource.written = resource.written.saturating_add(changed.written);
            }
            for warning in &batch.warnings {
                let mut warning = warning.clone();
                warning.message = self.narration.redaction().apply(&warning.message);
                resource.warned(&warning);
                self.observer.warning(&batch.resource, &warning);
            }
            self.observer.progress(batch, changed);
        }
        self.observer.stepped(self.memory.bytes());
    }

    fn resource_failed(&mut self, resource: &str, failure: &Failure) {
        let failure = self.narration.failure(failure, &[]);
        self.observer.failure(Some(resource), &failure);
        self.report.failed(Some(resource), failure);
    }

    fn waiting(&mut self, span: Duration) {
        self.observer.waiting(span);
    }

    fn followed(&mut self) {
        self.earlier.close(self.report);
        self.first = false;
    }
}
