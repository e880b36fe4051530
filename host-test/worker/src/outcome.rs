//! What a slice and a sync lead to. The engine keeps these values, and anyone who may
//! read its journal sees them: counts and messages, never a secret, a row or the
//! checkpoint.

use std::collections::BTreeMap;

use rawdash_host::failure::{Exit, FailureKind, FailureReport, HostKind};
use rawdash_host::report::{Report, ResourceReport, ResourceState};
use serde::{Deserialize, Serialize};

/// What one slice of a sync led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SliceOutcome {
    /// What follows from it.
    pub(crate) end: SliceEnd,
    /// HTTP requests that it sent.
    pub(crate) requests: u64,
    /// Rows that it added, changed or removed.
    pub(crate) changed: u64,
    /// By name in storage, what became of the resources that it was to read.
    pub(crate) resources: BTreeMap<String, ResourceOutcome>,
    /// When it ended, in Unix milliseconds.
    pub(crate) ended_at: i64,
}

/// How a slice ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum SliceEnd {
    /// Everything is read.
    Done,
    /// Its time was over.
    More,
    /// Nothing can be read for a while.
    Later {
        /// Milliseconds, where the source says so.
        after_ms: Option<u64>,
        /// What is waited for.
        message: String,
    },
    /// Waiting repairs nothing.
    Failed(Problem),
}

/// Why a sync failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Problem {
    /// The exit status that `rawdash-host sync` would have.
    pub(crate) exit: u8,
    /// The kind of the failure.
    pub(crate) failure: String,
    /// What failed, and what to do.
    pub(crate) message: String,
}

/// What became of one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ResourceOutcome {
    /// Whether all of it is stored.
    pub(crate) complete: bool,
    /// Records of its run, counted from the run's begin.
    pub(crate) records: u64,
    /// Why it is not complete.
    pub(crate) failure: Option<String>,
}

/// Why a slice led to nothing that is worth recording: the engine repeats it, here or
/// on another worker. One sentence.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Repeat(pub(crate) String);

impl SliceOutcome {
    /// The outcome that a report amounts to.
    ///
    /// # Errors
    /// When the storage or the machine failed.
    pub(crate) fn of(report: &Report, ended_at: i64) -> Result<SliceOutcome, Repeat> {
        let resources = &report.resources;
        Ok(SliceOutcome {
            end: end(report)?,
            requests: report.requests,
            changed: resources.values().map(|one| one.written.saturating_add(one.removed)).sum(),
            resources: resources.iter().map(|(name, one)| (name.clone(), one.into())).collect(),
            ended_at,
        })
    }

    /// The outcome of a slice that read nothing.
    pub(crate) fn nothing(end: SliceEnd, ended_at: i64) -> SliceOutcome {
        SliceOutcome { end, requests: 0, changed: 0, resources: BTreeMap::new(), ended_at }
    }
}

fn end(report: &Report) -> Result<SliceEnd, Repeat> {
    if let Some(failure) = &report.failure {
        return end_by(failure);
    }
    let failures = report.resources.values().filter_map(|resource| resource.failure.as_ref());
    Ok(match failures.max_by_key(|failure| failure.exit()) {
        None => SliceEnd::Done,
        Some(failure) => SliceEnd::Failed(failure.into()),
    })
}

fn end_by(failure: &FailureReport) -> Result<SliceEnd, Repeat> {
    if repeats(&failure.kind) {
        return Err(Repeat(failure.message.clone()));
    }
    let stopped = [HostKind::Interrupted, HostKind::Budget].map(FailureKind::Host);
    if stopped.contains(&failure.kind) && failure.retry_after_ms.is_none() {
        return Ok(SliceEnd::More);
    }
    Ok(match failure.exit() {
        Exit::Done | Exit::Later => {
            SliceEnd::Later { after_ms: failure.retry_after_ms, message: failure.message.clone() }
        }
        _ => SliceEnd::Failed(failure.into()),
    })
}

/// Whether a failure has nothing to do with the tenant: the database or the machine
/// failed, or another writer has not ended yet.
pub(crate) fn repeats(kind: &FailureKind) -> bool {
    matches!(kind, FailureKind::Host(HostKind::Storage | HostKind::Busy | HostKind::Machine))
}

impl From<&FailureReport> for Problem {
    fn from(failure: &FailureReport) -> Problem {
        Problem {
            exit: failure.exit().code(),
            failure: failure.kind.name().to_owned(),
            message: failure.message.clone(),
        }
    }
}

impl From<&ResourceReport> for ResourceOutcome {
    fn from(report: &ResourceReport) -> ResourceOutcome {
        ResourceOutcome {
            complete: report.state == ResourceState::Complete,
            records: report.records,
            failure: report.failure.as_ref().map(|failure| failure.message.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rawdash_host::failure::SourceKind;

    fn report(failure: FailureReport) -> Report {
        Report { failure: Some(failure), ..Report::default() }
    }

    #[test]
    fn a_failure_of_the_store_is_repeated_and_not_recorded_as_the_end_of_a_sync() {
        for kind in [HostKind::Storage, HostKind::Busy, HostKind::Machine] {
            let outcome = SliceOutcome::of(&report(FailureReport::new(kind, "down")), 0);
            assert_eq!(outcome, Err(Repeat("down".to_owned())), "{kind:?}");
        }
    }

    #[test]
    fn a_slice_whose_time_is_over_is_continued_and_one_that_must_wait_waits() {
        for kind in [HostKind::Interrupted, HostKind::Budget] {
            let stopped = report(FailureReport::new(kind, ""));
            assert_eq!(SliceOutcome::of(&stopped, 0).unwrap().end, SliceEnd::More, "{kind:?}");
        }
        for kind in [HostKind::Wait, HostKind::Budget] {
            let mut failure = FailureReport::new(kind, "the limit");
            failure.retry_after_ms = Some(60_000);
            let later = SliceEnd::Later { after_ms: Some(60_000), message: "the limit".to_owned() };
            assert_eq!(SliceOutcome::of(&report(failure), 0).unwrap().end, later, "{kind:?}");
        }
    }

    #[test]
    fn refused_credentials_end_a_sync_with_the_exit_status_of_the_command() {
        let refused = report(FailureReport::new(SourceKind::Authentication, "refused"));
        let SliceEnd::Failed(problem) = SliceOutcome::of(&refused, 0).unwrap().end else {
            panic!("waited for");
        };
        assert_eq!((problem.exit, problem.failure.as_str()), (77, "authentication"));
    }
}
