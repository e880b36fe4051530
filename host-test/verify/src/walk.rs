//! A sync, taken step by step; each step is judged and stored.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use rawdash_host::clock::SharedClock;
use rawdash_host::contract::{Batch, Ending, Failure, Notice, Request, Run};
use rawdash_host::error::{HostError, Limit};
use rawdash_host::report::ResourceState;
use rawdash_host::run::{Breach, StepLimits, StepPlan, StepWatcher, StepsEnd, take_steps};
use rawdash_host::stop::StopSignal;
use rawdash_host::storage::{Storage, StorageError};
use rawdash_host::transport::Transport;

use super::clock::SkippingClock;
use super::rows;
use super::rule::Rule;
use super::subject::Opened;
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

/// How a sync was walked.
pub(super) struct Walked {
    pub(super) end: End,
    /// How the last run of each resource ended.
    pub(super) states: BTreeMap<String, ResourceState>,
    /// The failure of a resource that is not complete.
    pub(super) failed: Option<Failure>,
}

/// What a resumed run must lead to, before the requested run repairs it.
pub(super) struct Reference<'a> {
    /// The database that is synced into.
    pub(super) database: &'a Path,
    /// The rows that it must have then.
    pub(super) wanted: &'a [String],
    /// How the run came to be interrupted.
    pub(super) how: String,
}

impl Reference<'_> {
    /// How the rows of a resource differ, if they do.
    fn difference(&self, resource: &str) -> Option<String> {
        let found = match rows::read(self.database) {
            Ok(found) => found,
            Err(error) => return Some(format!("the rows cannot be read: {error}")),
        };
        let of = |rows: &[String]| rows::only(rows, resource);
        rows::difference(&of(self.wanted), &of(&found))
    }
}

/// The clock by which a walk waits.
pub(super) enum Waiting<'a> {
    /// Every wait takes its time.
    Whole(&'a SharedClock),
    /// Waits for a failure to pass are skipped, those for a rate limit are not.
    Skipped(&'a SkippingClock),
}

/// Takes steps until every wanted resource has ended.
pub(super) async fn to_the_end(
    opened: &mut Opened,
    request: &Request,
    waiting: Waiting<'_>,
    reference: Option<&Reference<'_>>,
    storage: &mut dyn Storage,
    watch: &mut Watch<'_>,
) -> Walked {
    let (clock, skipping) = match waiting {
        Waiting::Whole(clock) => (clock.clone(), None),
        Waiting::Skipped(clock) => {
            let shared: SharedClock = std::sync::Arc::new(clock.clone());
            (shared, Some(clock))
        }
    };
    let plan = StepPlan {
        resources: &opened.resources,
        request,
        max_wait: PATIENCE,
        budget_end: None,
        limits: StepLimits { records: opened.most_records, idle_steps: IDLE },
        clock: &clock,
        stop: &StopSignal::new(),
    };
    let hosts = opened.transport.hosts();
    let (transport, states) = (opened.transport.clone(), BTreeMap::new());
    let mut judge = Judge { watch, transport, hosts, skipping, reference, states, failed: None };
    let ended = take_steps(&plan, &mut opened.instance, storage, &mut judge).await;
    let end = match ended {
        Ok(()) => End::Done,
        Err(end) => judge.end(end),
    };
    Walked { end, states: judge.states, failed: judge.failed }
}

/// Passes each step to the watch.
struct Judge<'a, 'w> {
    watch: &'a mut Watch<'w>,
    transport: Transport,
    /// The host names that a checkpoint must not hold.
    hosts: Vec<String>,
    skipping: Option<&'a SkippingClock>,
    reference: Option<&'a Reference<'a>>,
    states: BTreeMap<String, ResourceState>,
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
            StepsEnd::Breach(breach @ Breach::CheckpointSize(_)) => {
                findings.wrong(Rule::Checkpoint, breach);
                End::Wrong
            }
            StepsEnd::Breach(breach) => {
                findings.wrong(Rule::Steps, breach);
                End::Wrong
            }
            StepsEnd::Storage(error) => End::Stored(error),
            StepsEnd::TooLongAWait { span, cause } => End::Failed(cause.unwrap_or(Failure {
                kind: "rate-limited".to_owned(),
                message: format!("the source requires a pause of {} s", span.as_secs()),
                resource: None,
                status: None,
                retry_after: u32::try_from(span.as_millis()).ok(),
            })),
            // The signal is never raised, and there is no budget.
            StepsEnd::Stopped | StepsEnd::BudgetSpent { .. } => End::Wrong,
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
        let findings = &mut *self.watch.findings;
        findings.text("a checkpoint", checkpoint);
        findings.try_rule(Rule::Checkpoint);
        if let Some(host) = self.hosts.iter().find(|host| checkpoint.contains(*host)) {
            findings.wrong(Rule::Checkpoint, format!("a checkpoint holds the host name {host}"));
        }
        Ok(())
    }

    fn began(&mut self, run: &Run) {
        self.watch.began(run);
    }

    fn batches(&mut self, batches: &[Batch]) {
        self.watch.batches(batches);
    }

    fn warned(&mut self, notice: &Notice) {
        for warning in &notice.warnings {
            self.watch.findings.text("a warning", &warning.message);
        }
    }

    fn ended(&mut self, run: &Run, ending: &Ending) {
        let (state, failure) = match ending {
            Ending::Complete => (ResourceState::Complete, None),
            Ending::Failed(failure) => (ResourceState::Failed, Some(failure)),
            Ending::Postponed(failure) => (ResourceState::Postponed, Some(failure)),
        };
        self.states.insert(run.resource.clone(), state);
        if let Some(reference) = self.reference.filter(|_| run.resumed)
            && state == ResourceState::Complete
            && let Some(what) = reference.difference(&run.resource)
        {
            self.watch.findings.wrong(Rule::Resume, format!("{}, {what}", reference.how));
        }
        if let Some(failure) = failure {
            self.watch.findings.text("a failure's message", &failure.message);
            self.failed = Some(failure.clone());
        }
    }

    fn waiting(&mut self, span: Duration, cause: Option<&Failure>) {
        if let Some(clock) = self.skipping
            && cause.is_some_and(|cause| cause.kind != "rate-limited")
        {
            clock.skip(span);
        }
    }
}
