//! What a command reports of its runs: the JSON object of `--json`, and the
//! exit status.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::contract::{About, Batch, Failure, Mode, Request, Run, Warning};

/// Different warnings kept for one resource; more are counted together.
const KEPT_WARNINGS: usize = 100;

/// The contract's kind of failure where nothing was sent, for whoever answered
/// did not prove to be the source.
pub(crate) const UNTRUSTED: &str = "untrusted";

/// The outcome of one command, all its runs together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// `full` when any of the runs was; `None` when none began.
    pub mode: Option<RunMode>,
    /// Whether the first run was carried on from a checkpoint.
    pub resumed: bool,
    /// Whether the last run came to its end.
    pub done: bool,
    /// By name in storage, every resource that was asked for.
    pub resources: BTreeMap<String, ResourceReport>,
    /// What failed and belongs to no resource.
    pub failure: Option<FailureReport>,
    /// HTTP requests sent, those for tokens and retries included.
    pub requests: u64,
    /// Bytes of response bodies as they came. Not in the JSON, whose members
    /// are promised.
    #[serde(skip)]
    pub received: u64,
    /// Milliseconds from the beginning to the end.
    pub wall_ms: u64,
}

/// The mode a run had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RunMode {
    /// Everything was read again.
    Full,
    /// What had changed was read.
    Latest,
}

/// What came of one resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ResourceReport {
    /// Pages read.
    pub pages: u64,
    /// Records that the connector brought.
    pub records: u64,
    /// Rows that storage removed.
    pub removed: u64,
    /// What a person should know.
    pub warnings: Vec<WarningReport>,
    /// Why it did not come, or not wholly.
    pub failure: Option<FailureReport>,
}

/// One kind of warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WarningReport {
    /// Stable, lower-case.
    pub code: String,
    /// One sentence.
    pub message: String,
    /// How many rows or times it is about.
    pub count: u64,
}

/// Why something did not come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailureReport {
    /// A kind of the contract, or one of the host's: `configuration`,
    /// `checkpoint`, `storage`, `component`, `wait`.
    pub kind: String,
    /// One sentence: what happened, where, and what to do.
    pub message: String,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// Milliseconds after which a new try is worth it.
    pub retry_after_ms: Option<u64>,
}

impl FailureReport {
    /// A failure of the host's own.
    pub fn new(kind: &str, message: impl ToString) -> Self {
        FailureReport {
            kind: kind.to_owned(),
            message: message.to_string(),
            status: None,
            retry_after_ms: None,
        }
    }

    /// How a command with this failure exits.
    pub fn outcome(&self) -> Outcome {
        match self.kind.as_str() {
            "authentication" | "permission" => Outcome::Credentials,
            "not-configured" | UNTRUSTED | "configuration" | "checkpoint" => Outcome::Configuration,
            "request" => Outcome::Usage,
            "storage" => Outcome::Storage,
            "component" => Outcome::Component,
            // What the contract does not name is to be treated as `upstream`.
            _ => Outcome::ComeBackLater,
        }
    }
}

impl From<&Failure> for FailureReport {
    fn from(failure: &Failure) -> Self {
        // A component must not blame the host: its kinds are the contract's.
        let host_only = ["configuration", "checkpoint", "storage", "component", "wait"];
        let kind =
            if host_only.contains(&failure.kind.as_str()) { "upstream" } else { &failure.kind };
        FailureReport {
            kind: kind.to_owned(),
            message: failure.message.clone(),
            status: failure.status,
            retry_after_ms: failure.retry_after.map(u64::from),
        }
    }
}

/// How a command ended, from good to grave. Of several the gravest counts, and
/// what waiting mends is the lightest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// All came.
    Done,
    /// What is missing comes with time.
    ComeBackLater,
    /// Something was asked for that there is not.
    Usage,
    /// The credentials are refused, or lack a scope.
    Credentials,
    /// The configuration or the checkpoint cannot be used, or the source is not
    /// trusted.
    Configuration,
    /// The database failed.
    Storage,
    /// The component broke the contract, met a limit, or broke down.
    Component,
}

impl Outcome {
    /// The process's exit status, after BSD's `sysexits.h`.
    pub fn exit_code(self) -> u8 {
        match self {
            Outcome::Done => 0,
            Outcome::Usage => 64,
            Outcome::Component => 70,
            Outcome::Storage => 74,
            Outcome::ComeBackLater => 75,
            Outcome::Credentials => 77,
            Outcome::Configuration => 78,
        }
    }
}

impl Report {
    /// A report in which every resource that is asked for stands, as yet with
    /// nothing.
    pub fn new(about: &About, configuration: &str, request: &Request) -> Report {
        let asked = asked(about, configuration, request);
        let resources = asked.map(|name| (name.to_owned(), ResourceReport::default())).collect();
        Report { resources, ..Report::default() }
    }

    /// How the command exits.
    pub fn outcome(&self) -> Outcome {
        let of_resources = self.resources.values().filter_map(|resource| resource.failure.as_ref());
        let gravest = of_resources.chain(&self.failure).map(FailureReport::outcome).max();
        match gravest {
            Some(outcome) => outcome,
            None if self.done => Outcome::Done,
            None => Outcome::ComeBackLater,
        }
    }

    /// Whether a resource of this command failed.
    pub fn has_failure(&self) -> bool {
        self.failure.is_some() || self.resources.values().any(|resource| resource.failure.is_some())
    }

    pub(crate) fn began(&mut self, run: &Run, first: bool) {
        let mode = match run.mode {
            Mode::Latest => RunMode::Latest,
            Mode::Full | Mode::Auto => RunMode::Full,
        };
        self.mode = Some(if self.mode == Some(RunMode::Full) { RunMode::Full } else { mode });
        if first {
            self.resumed = run.resumed;
        }
    }

    pub(crate) fn failed(&mut self, resource: Option<&str>, failure: FailureReport) {
        match resource {
            Some(name) => self.resource(name).failure = Some(failure),
            None => self.failure = Some(failure),
        }
    }

    pub(crate) fn resource(&mut self, name: &str) -> &mut ResourceReport {
        self.resources.entry(name.to_owned()).or_default()
    }
}

impl ResourceReport {
    pub(crate) fn warned(&mut self, warning: &Warning) {
        let count = u64::from(warning.count);
        let same = |kept: &&mut WarningReport| {
            kept.code == warning.code && kept.message == warning.message
        };
        if let Some(kept) = self.warnings.iter_mut().find(same) {
            kept.count = kept.count.saturating_add(count);
        } else if self.warnings.len() < KEPT_WARNINGS {
            let (code, message) = (warning.code.clone(), warning.message.clone());
            self.warnings.push(WarningReport { code, message, count });
        } else if let Some(last) = self.warnings.last_mut() {
            let more = "further warnings of other kinds".to_owned();
            *last = WarningReport {
                code: "more".to_owned(),
                message: more,
                count: last.count.saturating_add(count),
            };
        }
    }
}

/// Pages and records of the runs before the one under way, so that a batch's
/// progress, which counts from its run's begin, adds up.
#[derive(Debug, Default)]
pub(crate) struct Earlier {
    by_resource: BTreeMap<String, (u64, u64)>,
}

impl Earlier {
    /// Another run begins: what is reported so far is past.
    pub(crate) fn close(&mut self, report: &Report) {
        let counts = |(name, resource): (&String, &ResourceReport)| {
            (name.clone(), (resource.pages, resource.records))
        };
        self.by_resource = report.resources.iter().map(counts).collect();
    }

    pub(crate) fn count(&self, report: &mut Report, batch: &Batch) {
        let (pages, records) = self.by_resource.get(&batch.resource).copied().unwrap_or_default();
        let resource = report.resource(&batch.resource);
        resource.pages = pages.saturating_add(batch.progress.pages);
        resource.records = records.saturating_add(batch.progress.records);
    }
}

/// The resources that are asked for: by the request; else by the
/// configuration's `resources`, which holds the manifest's settings; else all.
fn asked<'a>(
    about: &'a About,
    configuration: &str,
    request: &'a Request,
) -> Box<dyn Iterator<Item = &'a str> + 'a> {
    if !request.resources.is_empty() {
        return Box::new(request.resources.iter().map(String::as_str));
    }
    let configured =
        serde_json::from_str::<Configured>(configuration).unwrap_or_default().resources;
    let wanted =
        move |setting: &String| configured.as_ref().is_none_or(|list| list.contains(setting));
    let resources = about.resources.iter().filter(move |resource| wanted(&resource.setting));
    Box::new(resources.map(|resource| resource.name.as_str()))
}

#[derive(Default, serde::Deserialize)]
struct Configured {
    resources: Option<Vec<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failing(kinds: &[&str]) -> Report {
        let mut report = Report { done: true, ..Report::default() };
        for (number, kind) in kinds.iter().enumerate() {
            report.failed(Some(&number.to_string()), FailureReport::new(kind, ""));
        }
        report
    }

    #[test]
    fn waiting_never_hides_what_waiting_does_not_mend() {
        for (kinds, status) in [
            (&[][..], 0),
            (&["upstream"], 75),
            (&["a-kind-of-tomorrow"], 75),
            (&["permission"], 77),
            (&["rate-limited", "permission", "transient"], 77),
            (&["not-configured", "authentication"], 78),
            (&["transient", "untrusted"], 78),
            (&["request"], 64),
            (&["storage", "wait"], 74),
            (&["storage", "component", "permission"], 70),
        ] {
            assert_eq!(failing(kinds).outcome().exit_code(), status, "{kinds:?}");
        }
        assert_eq!(Report::default().outcome(), Outcome::ComeBackLater);
    }

    #[test]
    fn endless_warnings_do_not_fill_the_memory() {
        let mut resource = ResourceReport::default();
        for number in 0..1000 {
            let message = number.to_string();
            resource.warned(&Warning { code: "odd".to_owned(), message, count: 1 });
        }
        assert_eq!(resource.warnings.len(), KEPT_WARNINGS);
        assert_eq!(resource.warnings.iter().map(|warning| warning.count).sum::<u64>(), 1000);
    }

    #[test]
    fn a_component_cannot_blame_the_host() {
        let failure = Failure {
            kind: "storage".to_owned(),
            message: String::new(),
            resource: None,
            status: None,
            retry_after: None,
        };
        assert_eq!(FailureReport::from(&failure).outcome(), Outcome::ComeBackLater);
    }
}
