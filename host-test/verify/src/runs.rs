//! Complete runs against the source: one, two after it in the same instance, one in
//! a second instance, and one resumed from every checkpoint.

use std::path::Path;

use tempfile::TempDir;

use super::findings::Findings;
use super::rows;
use super::rule::Rule;
use super::snapshots::{NAME, Snapshot, Snapshots};
use super::subject::{Opened, Source, Subject, refusal};
use super::walk::{self, End};
use super::watch::{Generations, Watch};
use rawdash_host::clock::SharedClock;
use rawdash_host::contract::Mode;
use rawdash_host::error::HostError;
use rawdash_host::failure::{FailureReport, HostKind};
use rawdash_host::storage::{Storage, StorageError};
use rawdash_sqlite::{Database, OpenError};

/// The rules of a complete run.
const OF_A_RUN: [Rule; 9] = [
    Rule::Run,
    Rule::Steps,
    Rule::Effects,
    Rule::Timestamps,
    Rule::Records,
    Rule::Attributes,
    Rule::Progress,
    Rule::Generations,
    Rule::Secrecy,
];

/// Why the runs could not be completed, for reasons outside the component.
pub(super) enum Hindrance {
    /// A call did not return; the caller reports it.
    Broke(HostError),
    /// The source, the credentials or the machine.
    Outside(FailureReport),
}

impl From<HostError> for Hindrance {
    fn from(error: HostError) -> Hindrance {
        Hindrance::Broke(error)
    }
}

impl From<StorageError> for Hindrance {
    fn from(error: StorageError) -> Hindrance {
        Hindrance::Outside(FailureReport::new(HostKind::Storage, error))
    }
}

impl From<OpenError> for Hindrance {
    fn from(error: OpenError) -> Hindrance {
        Hindrance::Outside(FailureReport::new(HostKind::Storage, error))
    }
}

impl From<rusqlite::Error> for Hindrance {
    fn from(error: rusqlite::Error) -> Hindrance {
        Hindrance::Outside(FailureReport::new(HostKind::Storage, error))
    }
}

impl From<std::io::Error> for Hindrance {
    fn from(error: std::io::Error) -> Hindrance {
        Hindrance::Outside(FailureReport::new(HostKind::Storage, error))
    }
}

/// Tests the rules of runs; returns the checkpoints of a complete run.
pub(super) async fn check(
    subject: &Subject<'_>,
    clock: &SharedClock,
    findings: &mut Findings,
) -> Result<Vec<String>, Hindrance> {
    let directory = TempDir::new()?;
    let mut runs = Runs { subject, clock, findings, directory: directory.path() };
    let Some((mut opened, rows, mut snapshots)) = runs.whole().await? else {
        return Ok(Vec::new());
    };
    let taken = snapshots.take();
    runs.again(&mut opened, snapshots, &rows).await?;
    runs.beside(&rows).await?;
    for (number, snapshot) in taken.iter().enumerate() {
        runs.from(number, snapshot, &rows).await?;
    }
    Ok(taken.into_iter().map(|taken| taken.checkpoint).collect())
}

struct Runs<'a> {
    subject: &'a Subject<'a>,
    clock: &'a SharedClock,
    findings: &'a mut Findings,
    directory: &'a Path,
}

impl Runs<'_> {
    /// A run into an empty database, with a copy of it after every step.
    async fn whole(&mut self) -> Result<Option<(Opened, Vec<String>, Snapshots)>, Hindrance> {
        let path = self.directory.join("whole");
        let mut snapshots = Snapshots::new(Database::open(&path, NAME)?, self.directory);
        let Some(mut opened) = self.configured(None, Rule::Run).await? else { return Ok(None) };
        let generations = Generations::default();
        for rule in OF_A_RUN {
            self.findings.try_rule(rule);
        }
        if !self.walk(&mut opened, Mode::Auto, &mut snapshots, generations, Rule::Run).await? {
            return Ok(None);
        }
        Ok(Some((opened, rows::read(&path)?, snapshots)))
    }

    /// Two more runs in the same instance, the second a full one.
    async fn again(
        &mut self,
        opened: &mut Opened,
        mut snapshots: Snapshots,
        wanted: &[String],
    ) -> Result<(), Hindrance> {
        self.findings.try_rule(Rule::Again);
        for mode in [Mode::Auto, Mode::Full] {
            let last = snapshots.generations().clone();
            let generations = Generations::after(last);
            if !self.walk(opened, mode, &mut snapshots, generations, Rule::Again).await? {
                return Ok(());
            }
            if let Some(what) = rows::difference(wanted, &rows::read(snapshots.path())?) {
                self.findings.wrong(Rule::Again, format!("after a run of mode {mode:?}, {what}"));
            }
        }
        Ok(())
    }

    /// The same run in another instance, into another database.
    async fn beside(&mut self, wanted: &[String]) -> Result<(), Hindrance> {
        let path = self.directory.join("beside");
        let mut database = Database::open(&path, NAME)?;
        self.findings.try_rule(Rule::Determinism);
        let Some(mut opened) = self.configured(None, Rule::Determinism).await? else {
            return Ok(());
        };
        let generations = Generations::default();
        let rule = Rule::Determinism;
        if self.walk(&mut opened, Mode::Auto, &mut database, generations, rule).await?
            && let Some(what) = rows::difference(wanted, &rows::read(&path)?)
        {
            self.findings.wrong(rule, format!("in a second instance, {what}"));
        }
        Ok(())
    }

    /// The rest of the run in another instance, resumed from a checkpoint.
    async fn from(
        &mut self,
        number: usize,
        snapshot: &Snapshot,
        wanted: &[String],
    ) -> Result<(), Hindrance> {
        let mut database = Database::open(&snapshot.database, NAME)?;
        self.findings.try_rule(Rule::Resume);
        let checkpoint = Some(&*snapshot.checkpoint);
        let Some(mut opened) = self.configured(checkpoint, Rule::Resume).await? else {
            return Ok(());
        };
        let generations = Generations::after(snapshot.generations.clone());
        let rule = Rule::Resume;
        if self.walk(&mut opened, Mode::Auto, &mut database, generations, rule).await?
            && let Some(what) = rows::difference(wanted, &rows::read(&snapshot.database)?)
        {
            let what = format!("interrupted after step {} and resumed, {what}", number + 1);
            self.findings.wrong(rule, what);
        }
        Ok(())
    }

    async fn configured(
        &mut self,
        checkpoint: Option<&str>,
        rule: Rule,
    ) -> Result<Option<Opened>, HostError> {
        match self.subject.configured(Source::Own, self.clock, checkpoint).await? {
            Ok(opened) => Ok(Some(opened)),
            Err(error) => {
                let what = format!("`configure` refuses its own checkpoint: {}", refusal(&error));
                self.findings.wrong(rule, what);
                Ok(None)
            }
        }
    }

    /// Walks to the end; returns whether it got there.
    async fn walk(
        &mut self,
        opened: &mut Opened,
        mode: Mode,
        storage: &mut dyn Storage,
        generations: Generations,
        rule: Rule,
    ) -> Result<bool, Hindrance> {
        let about = self.subject.about;
        let mut watch = Watch::new(about, generations, self.findings);
        match walk::to_the_end(about, opened, mode, self.clock, storage, &mut watch).await {
            End::Done => Ok(true),
            End::Wrong => Ok(false),
            End::Broke(error) => Err(error.into()),
            End::Failed(failure) if rule == Rule::Run => {
                Err(Hindrance::Outside(FailureReport::from(&failure)))
            }
            // The source responded a moment ago, so the component is at fault.
            End::Failed(failure) => {
                self.findings.wrong(rule, format!("the run fails: {}", failure.message));
                Ok(false)
            }
            End::Stored(error @ StorageError::EmptyReplacement { .. }) => {
                self.findings.wrong(rule, error);
                Ok(false)
            }
            End::Stored(error) => Err(error.into()),
        }
    }
}
