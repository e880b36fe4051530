//! Complete runs against the source: one, two after it in the same instance, one in
//! a second instance, and one resumed from every checkpoint.

use std::path::Path;

use tempfile::TempDir;

use super::alteration::Alteration;
use super::changes;
use super::clock::SkippingClock;
use super::endpoint::separate_endpoints;
use super::findings::Findings;
use super::rows;
use super::rule::Rule;
use super::snapshots::{NAME, Snapshot, Snapshots};
use super::subject::{Opened, Source, Subject, everything, refusal};
use super::walk::{self, End, Reference, Waiting, Walked};
use super::watch::{Seen, Watch};
use rawdash_host::clock::SharedClock;
use rawdash_host::contract::{Mode, Request};
use rawdash_host::error::HostError;
use rawdash_host::failure::{FailureReport, HostKind};
use rawdash_host::report::ResourceState;
use rawdash_host::run::Selection;
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
        match error {
            HostError::Machine(_) => Hindrance::Outside(FailureReport::from(&error)),
            error => Hindrance::Broke(error),
        }
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
    if runs.again(&mut opened, &mut snapshots, &rows).await? {
        runs.wants(&mut opened, &mut snapshots, &rows).await?;
    }
    if let Some(end) = taken.last() {
        let directory = runs.directory;
        changes::check(subject, &opened.resources, end, directory, runs.findings).await?;
    }
    runs.postponed(&rows).await?;
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
        for rule in OF_A_RUN {
            self.findings.try_rule(rule);
        }
        self.findings.untried(Rule::Windows, "no batch replaces a window");
        let (request, seen) = (everything(), Seen::default());
        if !self.walk(&mut opened, &request, &mut snapshots, seen, None, Rule::Run).await? {
            return Ok(None);
        }
        Ok(Some((opened, rows::read(&path)?, snapshots)))
    }

    /// Two more syncs in the same instance, the second a full one. Returns whether
    /// both ended well.
    async fn again(
        &mut self,
        opened: &mut Opened,
        snapshots: &mut Snapshots,
        wanted: &[String],
    ) -> Result<bool, Hindrance> {
        self.findings.try_rule(Rule::Again);
        for mode in [Mode::Auto, Mode::Full] {
            let request = Selection::all(mode).request(&opened.resources);
            let seen = snapshots.seen().clone();
            if !self.walk(opened, &request, snapshots, seen, None, Rule::Again).await? {
                return Ok(false);
            }
            if let Some(what) = rows::difference(wanted, &rows::read(snapshots.path())?) {
                self.findings.wrong(Rule::Again, format!("after a sync of mode {mode:?}, {what}"));
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A full run of each resource alone, with a bound that all but the latest rows
    /// lie before.
    async fn wants(
        &mut self,
        opened: &mut Opened,
        snapshots: &mut Snapshots,
        wanted: &[String],
    ) -> Result<(), Hindrance> {
        let Some(latest) = rows::latest(snapshots.path())? else {
            self.findings.untried(Rule::Wants, "the source has no rows");
            return Ok(());
        };
        self.findings.try_rule(Rule::Wants);
        let names = opened.resources.iter().map(|resource| resource.name.clone());
        for name in names.collect::<Vec<_>>() {
            let resources = vec![name.clone()];
            let selection = Selection { mode: Mode::Full, since: Some(latest), resources };
            let request = selection.request(&opened.resources);
            let seen = snapshots.seen().clone();
            if !self.walk(opened, &request, snapshots, seen, None, Rule::Wants).await? {
                return Ok(());
            }
            if let Some(what) = rows::difference(wanted, &rows::read(snapshots.path())?) {
                let what = format!("after a full run of {name} since {latest}, {what}");
                self.findings.wrong(Rule::Wants, what);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Two syncs while the endpoint of one resource answers 503.
    async fn postponed(&mut self, wanted: &[String]) -> Result<(), Hindrance> {
        let resources = self.subject.about.resources.clone();
        let separate = separate_endpoints(&resources);
        if separate.is_empty() || resources.len() < 2 {
            let why = "no resource has an endpoint of its own, by the manifest's `endpoint`";
            self.findings.untried(Rule::Postponed, why);
            return Ok(());
        }
        for (number, (name, path)) in separate.iter().enumerate() {
            self.findings.try_rule(Rule::Postponed);
            let file = self.directory.join(format!("postponed-{number}"));
            let mut database = Database::open(&file, NAME)?;
            for sync in ["first", "next"] {
                if !self.without(name, path, sync, &mut database).await? {
                    break;
                }
            }
            let others = |rows: &[String]| rows::without(rows, name);
            let found = others(&rows::read(&file)?);
            if let Some(what) = rows::difference(&others(wanted), &found) {
                let what = format!("while {path} answers 503, {what}");
                self.findings.wrong(Rule::Postponed, what);
            }
        }
        Ok(())
    }

    /// One such sync; returns whether the other resources are complete.
    async fn without(
        &mut self,
        name: &str,
        path: &str,
        sync: &str,
        database: &mut Database,
    ) -> Result<bool, Hindrance> {
        let clock = SkippingClock::default();
        let shared: SharedClock = std::sync::Arc::new(clock.clone());
        let checkpoint = database.checkpoint()?;
        let source = Source::Altered(path, &Alteration::Down);
        let configured = self.subject.configured(source, &shared, checkpoint.as_deref()).await?;
        let Ok(mut opened) = configured else { return Ok(false) };
        let resources = opened.resources.clone();
        // Other rules are judged where every endpoint answers.
        let mut unheard = Findings::default();
        let mut watch = Watch::new(&resources, Seen::default(), &mut unheard);
        let waiting = Waiting::Skipped(&clock);
        let Walked { end, states, .. } =
            walk::to_the_end(&mut opened, &everything(), waiting, None, database, &mut watch).await;
        let wrong = match end {
            End::Done => {
                let unlike = resources.iter().find(|resource| {
                    let complete = states.get(&resource.name) == Some(&ResourceState::Complete);
                    (resource.name == name) == complete
                });
                match unlike {
                    None => return Ok(true),
                    Some(other) if other.name == name => format!("{name} ends complete"),
                    Some(other) => format!("{} is not complete", other.name),
                }
            }
            End::Failed(failure) => format!("the sync fails: {}", failure.message),
            End::Broke(error) => return Err(error.into()),
            End::Wrong => "the sync breaks another rule".to_owned(),
            End::Stored(error @ StorageError::Unavailable { .. }) => return Err(error.into()),
            End::Stored(error) => error.to_string(),
        };
        let what = format!("in the {sync} sync while {path} answers 503, {wrong}");
        self.findings.wrong(Rule::Postponed, what);
        Ok(false)
    }

    /// The same run in another instance, into another database.
    async fn beside(&mut self, wanted: &[String]) -> Result<(), Hindrance> {
        let path = self.directory.join("beside");
        let mut database = Database::open(&path, NAME)?;
        self.findings.try_rule(Rule::Determinism);
        let Some(mut opened) = self.configured(None, Rule::Determinism).await? else {
            return Ok(());
        };
        let rule = Rule::Determinism;
        let (request, seen) = (everything(), Seen::default());
        if self.walk(&mut opened, &request, &mut database, seen, None, rule).await?
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
        let rule = Rule::Resume;
        let (request, seen) = (everything(), snapshot.seen.clone());
        let how = format!("interrupted after step {} and resumed", number + 1);
        let reference = Reference { database: &snapshot.database, wanted, how };
        let reference = Some(&reference);
        if self.walk(&mut opened, &request, &mut database, seen, reference, rule).await?
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
        request: &Request,
        storage: &mut dyn Storage,
        seen: Seen,
        reference: Option<&Reference<'_>>,
        rule: Rule,
    ) -> Result<bool, Hindrance> {
        let resources = opened.resources.clone();
        let mut watch = Watch::new(&resources, seen, self.findings);
        let waiting = Waiting::Whole(self.clock);
        let walked =
            walk::to_the_end(opened, request, waiting, reference, storage, &mut watch).await;
        // Missing records could not be verified.
        let end = match (walked.end, walked.failed) {
            (End::Done, Some(failure)) => End::Failed(failure),
            (end, _) => end,
        };
        match end {
            End::Done => Ok(true),
            End::Wrong => Ok(false),
            End::Broke(error) => Err(error.into()),
            End::Failed(failure) if rule == Rule::Run => {
                Err(Hindrance::Outside(FailureReport::from(&failure)))
            }
            // The source responded a moment ago, so the component is at fault.
            End::Failed(failure) => {
                self.findings.wrong(rule, format!("the sync fails: {}", failure.message));
                Ok(false)
            }
            End::Stored(error @ StorageError::Unavailable { .. }) => Err(error.into()),
            End::Stored(error) => {
                self.findings.wrong(rule, error);
                Ok(false)
            }
        }
    }
}
