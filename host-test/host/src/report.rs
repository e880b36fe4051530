//! What a command reports about its runs: the JSON object of `--json`, and the
//! exit status.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::contract::{About, Batch, Mode, Request, Run, Warning};
use crate::failure::{Exit, FailureReport};

/// The most different warnings of one resource; further ones are counted together.
const KEPT_WARNINGS: usize = 100;

/// The outcome of one command, all its runs together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// `full` when any of the runs was; `None` when none began.
    pub mode: Option<RunMode>,
    /// Whether the first run resumed from a checkpoint.
    pub resumed: bool,
    /// Whether the last run ended.
    pub done: bool,
    /// Every requested resource, by its name in storage.
    pub resources: BTreeMap<String, ResourceReport>,
    /// A failure that belongs to no resource.
    pub failure: Option<FailureReport>,
    /// HTTP requests sent, including those for tokens and retries.
    pub requests: u64,
    /// Bytes of response bodies as received. Not in the JSON, whose members are
    /// stable.
    #[serde(skip)]
    pub received: u64,
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

/// The outcome of one resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ResourceReport {
    /// Pages read.
    pub pages: u64,
    /// Records that the connector returned. One that two requests return counts
    /// twice.
    pub records: u64,
    /// Rows that were added to storage or changed. Not in the JSON, whose members are
    /// stable.
    #[serde(skip)]
    pub written: u64,
    /// Rows that were removed from storage.
    pub removed: u64,
    /// What a person should know.
    pub warnings: Vec<WarningReport>,
    /// Why it could not be read, or not completely.
    pub failure: Option<FailureReport>,
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
    /// A report with every requested resource, each still empty.
    pub fn new(about: &About, configuration: &str, request: &Request) -> Report {
        let names = requested(about, configuration, request);
        let resources = names.map(|name| (name.to_owned(), ResourceReport::default())).collect();
        Report { resources, ..Report::default() }
    }

    /// How the command exits.
    pub fn exit(&self) -> Exit {
        let of_resources = self.resources.values().filter_map(|resource| resource.failure.as_ref());
        let worst = of_resources.chain(&self.failure).map(FailureReport::exit).max();
        match worst {
            Some(exit) => exit,
            None if self.done => Exit::Done,
            None => Exit::Later,
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
            let more = "further, different warnings".to_owned();
            *last = WarningReport {
                code: "more".to_owned(),
                message: more,
                count: last.count.saturating_add(count),
            };
        }
    }
}

/// Pages and records of the runs before the one under way. A batch's progress
/// counts from the start of its run, so the report adds these.
#[derive(Debug, Default)]
pub(crate) struct Earlier {
    by_resource: BTreeMap<String, (u64, u64)>,
}

impl Earlier {
    /// Another run begins: what the report counts so far belongs to earlier ones.
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

/// The requested resources: those of the request; else those of the
/// configuration's `resources`, which holds the manifest's settings; else all.
fn requested<'a>(
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
    use crate::failure::{HostKind, SourceKind};

    fn failing(failures: Vec<FailureReport>) -> Report {
        let mut report = Report { done: true, ..Report::default() };
        for (number, failure) in failures.into_iter().enumerate() {
            report.failed(Some(&number.to_string()), failure);
        }
        report
    }

    #[test]
    fn waiting_never_hides_what_waiting_does_not_repair() {
        use SourceKind::*;
        for (kinds, status) in [
            (&[][..], 0),
            (&[Upstream], 75),
            (&[Unknown("a-kind-of-tomorrow".to_owned())], 75),
            (&[Permission], 77),
            (&[RateLimited, Permission, Transient], 77),
            (&[NotConfigured, Authentication], 78),
            (&[Transient, Untrusted], 78),
            (&[SourceKind::Request], 64),
        ] {
            let of_source = |kind: &SourceKind| FailureReport::new(kind.clone(), "");
            let report = failing(kinds.iter().map(of_source).collect());
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
    fn endless_warnings_do_not_fill_the_memory() {
        let mut resource = ResourceReport::default();
        for number in 0..1000 {
            let message = number.to_string();
            resource.warned(&Warning { code: "odd".to_owned(), message, count: 1 });
        }
        assert_eq!(resource.warnings.len(), KEPT_WARNINGS);
        assert_eq!(resource.warnings.iter().map(|warning| warning.count).sum::<u64>(), 1000);
    }
}
