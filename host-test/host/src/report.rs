//! What a command reports about its runs: the JSON object of `--json`, and the
//! exit status.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use time::OffsetDateTime;

use crate::contract::{Batch, Mode, Run, Warning};
use crate::failure::{Exit, FailureReport};

/// The most different warnings of one resource; further ones are counted together.
const KEPT_WARNINGS: usize = 100;

/// The outcome of one sync, all its runs together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// `full` when any of the runs was; `None` when none began.
    pub mode: Option<RunMode>,
    /// Whether any run was carried on from a checkpoint.
    pub resumed: bool,
    /// Whether every wanted resource is complete, or has failed for good.
    pub done: bool,
    /// Whether the budget was spent before everything was read: the next sync carries
    /// on.
    pub more: bool,
    /// By name in storage, every resource that is wanted; those that the request
    /// names where the configuration was refused.
    pub resources: BTreeMap<String, ResourceReport>,
    /// Warnings that belong to no resource.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<WarningReport>,
    /// What failed and belongs to no resource; where resources are postponed, when
    /// to sync again.
    pub failure: Option<FailureReport>,
    /// HTTP requests sent, including those for tokens and retries.
    pub requests: u64,
    /// Bytes of response bodies as received. Not in the JSON, whose members are
    /// stable.
    #[serde(skip)]
    pub received: u64,
    /// Responses that said that the rate limit was reached. Not in the JSON.
    #[serde(skip)]
    pub rate_limited: u64,
    /// Waits between two steps. Not in the JSON.
    #[serde(skip)]
    pub waits: u64,
    /// The milliseconds of these waits together. Not in the JSON.
    #[serde(skip)]
    pub waited_ms: u64,
    /// Milliseconds from the beginning to the end.
    pub wall_ms: u64,
}

/// The mode of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RunMode {
    /// Everything was read again.
    Full,
    /// What had changed was read.
    Latest,
}

impl From<Mode> for RunMode {
    fn from(mode: Mode) -> RunMode {
        match mode {
            Mode::Latest => RunMode::Latest,
            Mode::Full | Mode::Auto => RunMode::Full,
        }
    }
}

/// How far a resource is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ResourceState {
    /// Everything requested is stored.
    Complete,
    /// It cannot be read; the next sync tries again.
    Failed,
    /// It has not ended in this sync: the next one carries on with it.
    #[default]
    Postponed,
}

/// What became of one resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ResourceReport {
    /// How far it is.
    pub state: ResourceState,
    /// `full` when any of its runs was; `None` when none began.
    pub mode: Option<RunMode>,
    /// Whether a run of it was carried on from a checkpoint.
    pub resumed: bool,
    /// Pages of its runs, each counted from its begin, also where that was in an
    /// earlier sync.
    pub pages: u64,
    /// Records of its runs, counted likewise.
    pub records: u64,
    /// Rows that were added to storage or changed. Not in the JSON, whose members are
    /// stable.
    #[serde(skip)]
    pub written: u64,
    /// Rows that were removed from storage.
    pub removed: u64,
    /// What a person should know.
    pub warnings: Vec<WarningReport>,
    /// Why it is not complete.
    pub failure: Option<FailureReport>,
    /// When a run of it was complete, the last one if there were several. Not in the
    /// JSON.
    #[serde(skip)]
    pub completed_at: Option<OffsetDateTime>,
    /// Pages and records of the runs before the one under way.
    #[serde(skip)]
    earlier: (u64, u64),
}

/// One kind of warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WarningReport {
    /// Stable, lower-case.
    pub code: String,
    /// One sentence.
    pub message: String,
    /// The number of rows or occurrences.
    pub count: u64,
}

impl Report {
    /// A report in which these resources stand, as yet with nothing.
    pub(crate) fn of<'a>(resources: impl IntoIterator<Item = &'a str>) -> Report {
        let mut report = Report::default();
        report.want(resources);
        report
    }

    /// These resources are wanted.
    pub(crate) fn want<'a>(&mut self, resources: impl IntoIterator<Item = &'a str>) {
        for name in resources {
            self.resource(name);
        }
    }

    /// How the command exits.
    pub fn exit(&self) -> Exit {
        let of_resources = self.resources.values().filter_map(ResourceReport::exit);
        let gravest = of_resources.chain(self.failure.as_ref().map(FailureReport::exit)).max();
        match gravest {
            Some(exit) => exit,
            None if self.done => Exit::Done,
            None => Exit::Later,
        }
    }

    /// Whether a resource of this command failed or is postponed with a reason.
    pub fn has_failure(&self) -> bool {
        self.failure.is_some() || self.resources.values().any(|resource| resource.failure.is_some())
    }

    /// The resources that the next slice of the same sync should request: what is
    /// complete or has failed is not begun again. Empty where there is no
    /// [`more`](Self::more).
    pub fn left(&self) -> Vec<String> {
        let postponed = self.postponed().filter(|_| self.more);
        postponed.map(|(name, _)| name.to_owned()).collect()
    }

    /// Every failure in it, to say more about it.
    pub fn failures_mut(&mut self) -> impl Iterator<Item = &mut FailureReport> {
        let of_resources = self.resources.values_mut().map(|resource| &mut resource.failure);
        of_resources.chain([&mut self.failure]).flatten()
    }

    pub(crate) fn began(&mut self, run: &Run) {
        let mode = RunMode::from(run.mode);
        let fuller = |before: Option<RunMode>| match before {
            Some(RunMode::Full) => Some(RunMode::Full),
            _ => Some(mode),
        };
        self.mode = fuller(self.mode);
        self.resumed |= run.resumed;
        let resource = self.resource(&run.resource);
        resource.mode = fuller(resource.mode);
        resource.resumed |= run.resumed;
        resource.earlier = (resource.pages, resource.records);
        resource.state = ResourceState::Postponed;
        resource.failure = None;
    }

    pub(crate) fn ended(
        &mut self,
        resource: &str,
        state: ResourceState,
        failure: Option<FailureReport>,
    ) {
        let resource = self.resource(resource);
        resource.state = state;
        resource.failure = failure;
    }

    pub(crate) fn waited(&mut self, span: Duration) {
        let milliseconds = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        self.waits = self.waits.saturating_add(1);
        self.waited_ms = self.waited_ms.saturating_add(milliseconds);
    }

    pub(crate) fn warned(&mut self, resource: Option<&str>, warning: &Warning) {
        match resource {
            Some(name) => keep(&mut self.resource(name).warnings, warning),
            None => keep(&mut self.warnings, warning),
        }
    }

    /// The resources that are postponed, by name.
    pub(crate) fn postponed(&self) -> impl Iterator<Item = (&str, &ResourceReport)> {
        let postponed =
            |(_, resource): &(&String, &ResourceReport)| resource.state == ResourceState::Postponed;
        self.resources.iter().filter(postponed).map(|(name, resource)| (name.as_str(), resource))
    }

    pub(crate) fn resource(&mut self, name: &str) -> &mut ResourceReport {
        self.resources.entry(name.to_owned()).or_default()
    }
}

impl ResourceReport {
    /// What is postponed arrives later, whatever kept it.
    fn exit(&self) -> Option<Exit> {
        let failure = self.failure.as_ref()?;
        match self.state {
            ResourceState::Postponed if failure.is_of_source() => Some(Exit::Later),
            _ => Some(failure.exit()),
        }
    }

    pub(crate) fn count(&mut self, batch: &Batch) {
        let (pages, records) = self.earlier;
        self.pages = pages.saturating_add(batch.progress.pages);
        self.records = records.saturating_add(batch.progress.records);
    }
}

fn keep(warnings: &mut Vec<WarningReport>, warning: &Warning) {
    let count = u64::from(warning.count);
    let same =
        |kept: &&mut WarningReport| kept.code == warning.code && kept.message == warning.message;
    if let Some(kept) = warnings.iter_mut().find(same) {
        kept.count = kept.count.saturating_add(count);
    } else if warnings.len() < KEPT_WARNINGS {
        let (code, message) = (warning.code.clone(), warning.message.clone());
        warnings.push(WarningReport { code, message, count });
    } else if let Some(last) = warnings.last_mut() {
        let more = "further, different warnings".to_owned();
        *last = WarningReport {
            code: "more".to_owned(),
            message: more,
            count: last.count.saturating_add(count),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Effect, Failure, Progress, Records};
    use crate::failure::HostKind;

    fn source(kind: &str) -> FailureReport {
        FailureReport::from(&Failure {
            kind: kind.to_owned(),
            message: String::new(),
            resource: None,
            status: None,
            retry_after: None,
        })
    }

    fn failing(failures: Vec<FailureReport>) -> Report {
        let mut report = Report { done: true, ..Report::default() };
        for (number, failure) in failures.into_iter().enumerate() {
            report.ended(&number.to_string(), ResourceState::Failed, Some(failure));
        }
        report
    }

    #[test]
    fn waiting_never_hides_what_waiting_does_not_repair() {
        for (kinds, status) in [
            (&[][..], 0),
            (&["upstream"], 75),
            (&["a-kind-of-tomorrow"], 75),
            (&["permission"], 77),
            (&["rate-limited", "permission", "transient"], 77),
            (&["not-configured", "authentication"], 78),
            (&["transient", "untrusted"], 78),
            (&["permission", "misdirected"], 78),
            (&["denied", "upstream"], 78),
            (&["request"], 64),
        ] {
            let report = failing(kinds.iter().map(|kind| source(kind)).collect());
            assert_eq!(report.exit().code(), status, "{kinds:?}");
        }
        for (kinds, status) in [
            (&[HostKind::Storage, HostKind::Wait][..], 74),
            (&[HostKind::Storage, HostKind::Component, HostKind::Busy], 70),
        ] {
            let of_host = |kind: &HostKind| FailureReport::new(*kind, "");
            let report = failing(kinds.iter().map(of_host).collect());
            assert_eq!(report.exit().code(), status, "{kinds:?}");
        }
        assert_eq!(Report::default().exit(), Exit::Later);
    }

    #[test]
    fn a_postponed_resource_is_waited_for_whatever_kept_it_and_hides_no_failure() {
        let mut report = failing(Vec::new());
        let kept = |kind| Some(source(kind));
        report.ended("a", ResourceState::Postponed, kept("permission"));
        assert_eq!(report.exit(), Exit::Later);
        report.ended("b", ResourceState::Failed, kept("permission"));
        assert_eq!(report.exit(), Exit::Credentials);
        report.ended("b", ResourceState::Complete, None);
        assert_eq!(report.exit(), Exit::Later);
        assert_eq!(report.postponed().map(|(name, _)| name).collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn the_pages_of_a_run_that_follows_another_are_added_to_it() {
        let mut report = Report::of(["a"]);
        let run = |mode, resumed| Run { resource: "a".to_owned(), mode, resumed };
        let batch = |pages| Batch {
            resource: "a".to_owned(),
            records: Records::Events(Vec::new()),
            effect: Effect::Merge,
            progress: Progress { pages, records: 10 * pages, expected: None },
            warnings: Vec::new(),
        };
        report.began(&run(Mode::Full, true));
        report.resource("a").count(&batch(4));
        report.resource("a").count(&batch(5));
        report.ended("a", ResourceState::Complete, None);
        report.began(&run(Mode::Latest, false));
        report.resource("a").count(&batch(1));
        let resource = &report.resources["a"];
        assert_eq!((resource.pages, resource.records), (6, 60));
        assert_eq!((resource.mode, resource.resumed), (Some(RunMode::Full), true));
        assert_eq!(resource.state, ResourceState::Postponed, "the second has not ended");
    }

    #[test]
    fn endless_warnings_do_not_fill_the_memory() {
        let mut warnings = Vec::new();
        for number in 0..1000 {
            let message = number.to_string();
            keep(&mut warnings, &Warning { code: "odd".to_owned(), message, count: 1 });
        }
        assert_eq!(warnings.len(), KEPT_WARNINGS);
        assert_eq!(warnings.iter().map(|warning| warning.count).sum::<u64>(), 1000);
    }
}
