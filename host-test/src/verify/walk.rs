//! A run taken step by step, each step judged and stored.

use std::time::Duration;

use super::rule::Rule;
use super::subject::Opened;
use super::watch::Watch;
use crate::clock::SharedClock;
use crate::contract::{About, Batch, Failure, Mode, Request, Run, Step, record_count};
use crate::error::HostError;
use crate::storage::{Storage, StorageError};
use crate::validation;

/// Steps in a row that neither bring a record nor send a request.
const IDLE: u32 = 1000;

/// The longest wait that is lived through.
const PATIENCE: Duration = Duration::from_secs(300);

/// How a walk ended.
#[derive(Debug)]
pub(super) enum End {
    /// Everything that was asked for came.
    Done,
    /// The run ended early: the source or the credentials are at fault.
    Failed(Failure),
    /// A call did not return.
    Broke(HostError),
    /// A rule was broken, and is noted.
    Wrong,
    /// The storage did not take a step.
    Stored(StorageError),
}

/// Takes one run after the other until what was asked for is there.
pub(super) async fn to_the_end(
    about: &About,
    opened: &mut Opened,
    mode: Mode,
    clock: &SharedClock,
    storage: &mut dyn Storage,
    watch: &mut Watch<'_>,
) -> End {
    let request = super::subject::everything(mode);
    let (most, records, idle, requests) = (opened.most_records, 0, 0, 0);
    let mut walk =
        Walk { about, opened, request, clock, storage, watch, most, records, idle, requests };
    loop {
        match walk.run().await {
            Ok(run) if run.deferred => {}
            Ok(_) => return End::Done,
            Err(end) => return end,
        }
    }
}

struct Walk<'a, 'w> {
    about: &'a About,
    opened: &'a mut Opened,
    request: Request,
    clock: &'a SharedClock,
    storage: &'a mut dyn Storage,
    watch: &'a mut Watch<'w>,
    /// The most records that it may bring, and those that it brought.
    most: u64,
    records: u64,
    idle: u32,
    requests: u64,
}

impl Walk<'_, '_> {
    async fn run(&mut self) -> Result<Run, End> {
        let mut begun: Option<Run> = None;
        let mut failed: Option<Failure> = None;
        loop {
            let step = self.opened.instance.sync(&self.request).await.map_err(End::Broke)?;
            for credential in self.opened.transport.take_credentials() {
                self.watch.findings.learn(&credential);
            }
            let step = step.map_err(|failure| {
                self.watch.findings.text("a failure's message", &failure.message);
                End::Failed(failure)
            })?;
            let checkpoint = self.checkpoint().await?;
            self.watch.findings.text("a checkpoint", &checkpoint);
            match (step, begun) {
                (Step::Began(_), Some(_)) => return Err(self.wrong("a run begins within a run")),
                (Step::Began(run), None) => {
                    if run.mode == Mode::Auto {
                        return Err(self.wrong("a run begins in mode auto"));
                    }
                    self.watch.began(&run);
                    self.commit(&[], &checkpoint)?;
                    begun = Some(run);
                }
                (Step::Wait(pause), _) => {
                    self.commit(&[], &checkpoint)?;
                    self.wait(pause).await?;
                }
                (_, None) => return Err(self.wrong("the first step of a run is not `began`")),
                (Step::Batches(batches), _) => {
                    if let Err(violation) = validation::check(self.about, &batches) {
                        self.watch.violation(&violation);
                        return Err(End::Wrong);
                    }
                    self.watch.batches(&batches);
                    self.commit(&batches, &checkpoint)?;
                }
                (Step::ResourceFailed(failure), _) => {
                    self.watch.findings.text("a failure's message", &failure.message);
                    self.abandon(&failure, &checkpoint)?;
                    failed = Some(failure);
                }
                (Step::Done, Some(run)) => {
                    let at = self.clock.wall();
                    let completed = match failed {
                        // What is missing could not be verified.
                        Some(failure) => return Err(End::Failed(failure)),
                        None => self.storage.complete(run.mode, at, &checkpoint),
                    };
                    completed.map_err(End::Stored)?;
                    return Ok(run);
                }
            }
            self.meter()?;
        }
    }

    async fn checkpoint(&mut self) -> Result<String, End> {
        let checkpoint = self.opened.instance.checkpoint().await.map_err(End::Broke)?;
        checkpoint.map_err(|failure| {
            self.wrong(&format!("after a step there is no checkpoint: {}", failure.message))
        })
    }

    fn commit(&mut self, batches: &[Batch], checkpoint: &str) -> Result<(), End> {
        let brought: u64 = batches.iter().map(|batch| record_count(&batch.records)).sum();
        self.records = self.records.saturating_add(brought);
        if brought > 0 {
            self.idle = 0;
        }
        self.storage.commit(batches, checkpoint).map(|_| ()).map_err(End::Stored)
    }

    fn abandon(&mut self, failure: &Failure, checkpoint: &str) -> Result<(), End> {
        let known = |name: &&String| self.about.resources.iter().any(|known| known.name == **name);
        match failure.resource.as_ref().filter(known) {
            Some(resource) => self.storage.abandon(resource, checkpoint).map_err(End::Stored),
            None => Err(self.wrong("a resource fails that it does not name, or does not have")),
        }
    }

    async fn wait(&mut self, milliseconds: u32) -> Result<(), End> {
        let span = Duration::from_millis(milliseconds.into());
        if span > PATIENCE {
            let what = format!("the source asks for a pause of {} s", span.as_secs());
            return Err(End::Failed(Failure {
                kind: "rate-limited".to_owned(),
                message: what,
                resource: None,
                status: None,
                retry_after: Some(milliseconds),
            }));
        }
        let end = self.clock.monotonic().saturating_add(span);
        self.clock.wait_until(end).await;
        Ok(())
    }

    /// Ends a run that would never end by itself.
    fn meter(&mut self) -> Result<(), End> {
        let requests = self.opened.transport.traffic().requests();
        self.idle = if requests == self.requests { self.idle + 1 } else { 0 };
        self.requests = requests;
        let what = if self.idle > IDLE {
            format!("{IDLE} steps in a row bring nothing and ask for nothing")
        } else if self.records > self.most {
            format!("the run brings more than {} records", self.most)
        } else {
            return Ok(());
        };
        self.watch.findings.wrong(Rule::Run, what);
        Err(End::Wrong)
    }

    fn wrong(&mut self, what: &str) -> End {
        self.watch.findings.wrong(Rule::Steps, what);
        End::Wrong
    }
}
