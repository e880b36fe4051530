//! A command's runs, from the configuration to the report: steps asked for,
//! checked, stored with their checkpoint, waits waited.

mod observer;

use std::time::Duration;

use serde_json::Value;

use crate::clock::SharedClock;
use crate::component::Connector;
use crate::contract::{
    About, Batch, ConfigureError, Failure, Issue, Mode, Request, Run, Secret, Step, record_count,
};
use crate::error::{HostError, Limit};
use crate::instance::Instance;
use crate::origins::{Denial, Egress, Route};
use crate::redaction::Redaction;
use crate::report::{Earlier, FailureReport, Report, UNTRUSTED};
use crate::sandbox::Limits;
use crate::storage::{Storage, StorageError};
use crate::transport::{Roots, Traffic, Transport};
use crate::validation;

pub use observer::RunObserver;

/// What a command is to do, all of it values.
#[derive(Clone, Default)]
pub struct Settings {
    /// The connector's configuration, as JSON.
    pub configuration: String,
    /// The secrets that the configuration names.
    pub secrets: Vec<Secret>,
    /// Servers on this machine that stand in for origins.
    pub routes: Vec<Route>,
    /// The certificate authorities to trust.
    pub roots: Roots,
    /// What the instance may use.
    pub limits: Limits,
}

/// A component that is configured, with what it may reach.
pub struct Session {
    instance: Instance,
    transport: Transport,
    redaction: Redaction,
}

impl Session {
    /// Instantiates the connector and configures it. The error is the report's
    /// `failure`.
    pub async fn open(
        connector: &Connector,
        about: &About,
        settings: &Settings,
        clock: &SharedClock,
        checkpoint: Option<&str>,
    ) -> Result<Session, FailureReport> {
        let redaction = Redaction::new(&settings.secrets);
        let egress = egress(about, settings);
        let transport = match &egress {
            Ok(egress) => open_transport(egress.clone(), settings, clock)?,
            // The component says what is wrong with its configuration better
            // than an origin that lacks its host name.
            Err(_) => Transport::nowhere(&settings.limits.http, clock.clone()),
        };
        let instance =
            connector.instantiate(&settings.limits, transport.clone(), clock.clone()).await;
        let mut instance = instance.map_err(broken(&redaction))?;
        let configured =
            instance.configure(&settings.configuration, &settings.secrets, checkpoint).await;
        configured.map_err(broken(&redaction))?.map_err(|error| refused(&redaction, &error))?;
        egress?;
        Ok(Session { instance, transport, redaction })
    }

    /// Whether the credentials suffice, resource by resource.
    pub async fn check(
        &mut self,
    ) -> Result<Vec<(String, Result<(), FailureReport>)>, FailureReport> {
        let checked = self.instance.check().await;
        self.learn();
        let denied = self.sentences(&self.transport.take_denials());
        let checked = checked.map_err(broken(&self.redaction))?;
        let report = |(name, result): (String, Result<(), Failure>)| {
            let told = |failure: Failure| {
                // What was answered was sent.
                let denied = if failure.status.is_none() { denied.as_slice() } else { &[] };
                self.told(&failure, denied)
            };
            (name, result.map_err(told))
        };
        Ok(checked.into_iter().map(report).collect())
    }

    /// What was sent and received.
    pub fn traffic(&self) -> Traffic {
        self.transport.traffic()
    }

    /// Keeps the credentials that the component has sent out of what is told.
    fn learn(&mut self) {
        for credential in self.transport.take_credentials() {
            self.redaction.learn(&credential);
        }
    }

    /// Requests that were not sent, as they are told.
    fn sentences<'a>(&self, denials: impl IntoIterator<Item = &'a Denial>) -> Vec<String> {
        let sentence = |denial: &Denial| self.redaction.apply(&denial.to_string());
        denials.into_iter().map(sentence).collect()
    }

    /// The component's failure without secrets. The component knows only that
    /// it was denied; the host knows why.
    fn told(&self, failure: &Failure, denied: &[String]) -> FailureReport {
        let mut report = FailureReport::from(failure);
        report.message = self.redaction.apply(&report.message);
        for denial in denied {
            report.message = format!("{}; {denial}", report.message.trim_end_matches('.'));
        }
        report
    }
}

fn egress(about: &About, settings: &Settings) -> Result<Egress, FailureReport> {
    // A text that is no JSON has no origins; the component says so.
    let configuration = serde_json::from_str(&settings.configuration).unwrap_or(Value::Null);
    Egress::new(&about.origins, &configuration, &settings.routes)
        .map_err(|error| FailureReport::new("configuration", error))
}

fn open_transport(
    egress: Egress,
    settings: &Settings,
    clock: &SharedClock,
) -> Result<Transport, FailureReport> {
    let transport = Transport::new(egress, &settings.roots, &settings.limits.http, clock.clone());
    transport.map_err(|error| {
        let what = "the certificate authorities cannot be read";
        FailureReport::new("configuration", format!("{what}: {error}"))
    })
}

fn broken(redaction: &Redaction) -> impl Fn(HostError) -> FailureReport {
    |error| FailureReport::new("component", redaction.apply(&error.to_string()))
}

fn refused(redaction: &Redaction, error: &ConfigureError) -> FailureReport {
    match error {
        ConfigureError::Configuration(issues) => {
            let line = |issue: &Issue| match issue.path.as_str() {
                "" => issue.message.clone(),
                path => format!("{path}: {}", issue.message),
            };
            let lines: Vec<String> = issues.iter().map(line).collect();
            FailureReport::new("configuration", redaction.apply(&lines.join("\n")))
        }
        ConfigureError::Checkpoint(message) => {
            FailureReport::new("checkpoint", redaction.apply(message))
        }
    }
}

/// Runs a connector until what was asked for is stored, or cannot be.
///
/// Each step is stored with its checkpoint before the next is asked for, so
/// dropping the future loses nothing but the step under way.
pub async fn sync(
    connector: &Connector,
    about: &About,
    settings: &Settings,
    asked: &Asked,
    clock: &SharedClock,
    storage: &mut dyn Storage,
    observer: &mut dyn RunObserver,
) -> Report {
    let begun = clock.monotonic();
    let mut report = Report::new(about, &settings.configuration, &asked.request);
    let opened = match storage.checkpoint() {
        Ok(checkpoint) => {
            Session::open(connector, about, settings, clock, checkpoint.as_deref()).await
        }
        Err(error) => Err(FailureReport::new("storage", error)),
    };
    match opened {
        Ok(session) => {
            let traffic = session.traffic();
            let ended = Drive {
                session,
                about,
                asked,
                limits: &settings.limits,
                clock,
                storage,
                observer: &mut *observer,
                report: &mut report,
                earlier: Earlier::default(),
                records: 0,
                idle: Idle::default(),
                denied: Vec::new(),
                distrusted: Vec::new(),
            }
            .runs()
            .await;
            if let Err((resource, failure)) = ended {
                observer.failure(resource.as_deref(), &failure);
                report.failed(resource.as_deref(), failure);
            }
            report.requests = traffic.requests();
            report.received = traffic.received();
        }
        Err(failure) => {
            observer.failure(None, &failure);
            report.failure = Some(failure);
        }
    }
    let took = clock.monotonic().saturating_sub(begun);
    report.wall_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    report
}

/// What a command asks of a connector.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Mode, beginning and resources.
    pub request: Request,
    /// The longest single wait; a longer one ends the command.
    pub max_wait: Duration,
}

/// Why the runs ended early: the resource it belongs to, and the failure.
type Ended = (Option<String>, FailureReport);

/// The runs of one command.
struct Drive<'a> {
    session: Session,
    about: &'a About,
    asked: &'a Asked,
    limits: &'a Limits,
    clock: &'a SharedClock,
    storage: &'a mut dyn Storage,
    observer: &'a mut dyn RunObserver,
    report: &'a mut Report,
    earlier: Earlier,
    records: u64,
    idle: Idle,
    /// The requests that were not sent since a record came last.
    denied: Vec<String>,
    /// The last that met a certificate which was refused.
    distrusted: Vec<String>,
}

/// Steps in a row that neither brought a record nor sent a request.
#[derive(Default)]
struct Idle {
    steps: u64,
    requests: u64,
}

impl Drive<'_> {
    /// Run after run, until what was asked for is not deferred any more.
    async fn runs(&mut self) -> Result<(), Ended> {
        let mut first = true;
        while self.run(first).await?.deferred {
            self.earlier.close(self.report);
            first = false;
        }
        self.report.done = true;
        self.observer.done();
        Ok(())
    }

    /// One run, from `began` to `done`.
    async fn run(&mut self, first: bool) -> Result<Run, Ended> {
        let mut begun: Option<Run> = None;
        let mut failed = false;
        loop {
            let step = self.session.instance.sync(&self.asked.request).await;
            self.session.learn();
            self.tell_denials();
            let step = match step.map_err(|error| self.component(error))? {
                Ok(step) => step,
                Err(failure) => return Err(self.ended(&failure)),
            };
            let checkpoint = self.checkpoint().await?;
            match (step, &begun) {
                (Step::Began(_), Some(_)) => return Err(self.breach("a run began within a run")),
                (Step::Began(run), None) => {
                    if run.mode == Mode::Auto {
                        return Err(self.breach("a run began in mode auto"));
                    }
                    self.report.began(&run, first);
                    self.observer.began(&run);
                    self.commit(&[], &checkpoint)?;
                    begun = Some(run);
                }
                // Also before a run begins: a source may have to be asked first.
                (Step::Wait(milliseconds), _) => {
                    self.commit(&[], &checkpoint)?;
                    self.wait(milliseconds).await?;
                }
                (_, None) => return Err(self.breach("a run's first step was not `began`")),
                (Step::Batches(batches), _) => self.commit(&batches, &checkpoint)?,
                (Step::ResourceFailed(failure), _) => {
                    failed = true;
                    self.abandon(&failure, &checkpoint)?;
                }
                (Step::Done, Some(run)) => {
                    let run = *run;
                    self.complete(&run, failed, &checkpoint)?;
                    return Ok(run);
                }
            }
        }
    }

    async fn checkpoint(&mut self) -> Result<String, Ended> {
        let checkpoint = self.session.instance.checkpoint().await;
        let checkpoint = match checkpoint.map_err(|error| self.component(error))? {
            Ok(checkpoint) => checkpoint,
            Err(failure) => return Err(self.ended(&failure)),
        };
        match self.session.redaction.finds(&checkpoint) {
            Some(name) => {
                let what = format!("its checkpoint holds the secret {name}");
                Err(self.breach(&what))
            }
            None => Ok(checkpoint),
        }
    }

    /// Checks and stores the batches of one step, all or none.
    fn commit(&mut self, batches: &[Batch], checkpoint: &str) -> Result<(), Ended> {
        validation::check(self.about, batches).map_err(|violation| self.component(violation))?;
        self.meter(batches)?;
        let committed = self.storage.commit(batches, checkpoint).map_err(stored)?;
        for (number, batch) in batches.iter().enumerate() {
            let changed = committed.batches.get(number).copied().unwrap_or_default();
            self.earlier.count(self.report, batch);
            let resource = self.report.resource(&batch.resource);
            resource.removed = resource.removed.saturating_add(changed.removed);
            for warning in &batch.warnings {
                let mut warning = warning.clone();
                warning.message = self.session.redaction.apply(&warning.message);
                resource.warned(&warning);
                self.observer.warning(&batch.resource, &warning);
            }
            self.observer.progress(batch, changed);
        }
        self.observer.stepped(self.session.instance.memory());
        Ok(())
    }

    /// Ends a run that would never end by itself.
    fn meter(&mut self, batches: &[Batch]) -> Result<(), Ended> {
        let brought = batches.iter().map(|batch| record_count(&batch.records)).sum::<u64>();
        self.records = self.records.saturating_add(brought);
        if self.records > self.limits.records {
            return Err(self.component(HostError::Limit(Limit::Records(self.limits.records))));
        }
        let requests = self.session.traffic().requests();
        if brought > 0 {
            self.denied.clear();
        }
        if brought > 0 || requests != self.idle.requests {
            self.idle = Idle { steps: 0, requests };
        }
        self.idle.steps += 1;
        if self.idle.steps > self.limits.idle_steps {
            return Err(self.component(HostError::Limit(Limit::IdleSteps(self.limits.idle_steps))));
        }
        Ok(())
    }

    fn abandon(&mut self, failure: &Failure, checkpoint: &str) -> Result<(), Ended> {
        let Some(resource) = failure.resource.clone() else {
            return Err(self.breach("a resource failed that it did not name"));
        };
        if !self.about.resources.iter().any(|known| known.name == resource) {
            return Err(self.breach("a resource failed that its manifest does not have"));
        }
        self.storage.abandon(&resource, checkpoint).map_err(stored)?;
        let failure = self.session.told(failure, &[]);
        self.observer.failure(Some(&resource), &failure);
        self.report.failed(Some(&resource), failure);
        Ok(())
    }

    async fn wait(&mut self, milliseconds: u32) -> Result<(), Ended> {
        let span = Duration::from_millis(u64::from(milliseconds));
        if span > self.asked.max_wait {
            let back =
                self.clock.wall().saturating_add(time::Duration::milliseconds(milliseconds.into()));
            let back = back.replace_nanosecond(0).unwrap_or(back);
            let back =
                back.format(&time::format_description::well_known::Rfc3339).unwrap_or_default();
            let message = format!(
                "the source asks for a pause of {} s, longer than the {} s that this command \
                 waits: sync again at {back}",
                span.as_secs(),
                self.asked.max_wait.as_secs()
            );
            let mut failure = FailureReport::new("wait", message);
            failure.retry_after_ms = Some(u64::from(milliseconds));
            return Err((None, failure));
        }
        let end = self.clock.monotonic().saturating_add(span);
        self.observer.waiting(span);
        self.clock.wait_until(end).await;
        Ok(())
    }

    fn complete(&mut self, run: &Run, failed: bool, checkpoint: &str) -> Result<(), Ended> {
        let completed = if failed {
            self.storage.commit(&[], checkpoint).map(|_| ())
        } else {
            self.storage.complete(run.mode, self.clock.wall(), checkpoint)
        };
        completed.map_err(stored)
    }

    fn tell_denials(&mut self) {
        let denials = self.session.transport.take_denials();
        // Those before stand: a component may tell of them some steps later.
        if denials.is_empty() {
            return;
        }
        self.denied = self.session.sentences(&denials);
        let distrusted = denials.iter().filter(|denial| denial.is_distrust());
        let distrusted = self.session.sentences(distrusted);
        if !distrusted.is_empty() {
            self.distrusted = distrusted;
        }
        for denial in &self.denied {
            self.observer.denied(denial);
        }
    }

    fn ended(&self, failure: &Failure) -> Ended {
        let known = |name: &&String| self.report.resources.contains_key(*name);
        let resource = failure.resource.as_ref().filter(known).cloned();
        // What other requests brought meanwhile does not mend a certificate.
        let distrust = failure.kind == UNTRUSTED && !self.distrusted.is_empty();
        let denied = if distrust { &self.distrusted } else { &self.denied };
        (resource, self.session.told(failure, denied))
    }

    fn breach(&self, what: &str) -> Ended {
        self.component(format!("the component broke the contract: {what}"))
    }

    fn component(&self, error: impl ToString) -> Ended {
        let message = self.session.redaction.apply(&error.to_string());
        (None, FailureReport::new("component", message))
    }
}

/// A replacement by nothing is the source's failure, all else the storage's.
fn stored(error: StorageError) -> Ended {
    match &error {
        StorageError::EmptyReplacement { resource, .. } => {
            (Some(resource.clone()), FailureReport::new("upstream", &error))
        }
        StorageError::Unavailable { .. } => (None, FailureReport::new("storage", &error)),
    }
}
