//! Why a sync, or one resource of it, did not complete: data for people, for
//! programs and for the exit status.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::contract::Failure;
use crate::redaction::Redaction;
use crate::storage::StorageError;

/// What kind of failure it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The component reports it, in the contract's words.
    Source(SourceKind),
    /// The host reports it. No component can claim one of these.
    Host(HostKind),
}

/// The kinds that the contract names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// The component was called before `configure`.
    NotConfigured,
    /// The request names something that does not exist.
    Request,
    /// The credentials are refused.
    Authentication,
    /// The credentials lack a permission.
    Permission,
    /// The source's rate limit was reached.
    RateLimited,
    /// The source or the network is unavailable for a while.
    Transient,
    /// The host's policy denied a request.
    Denied,
    /// What answers is not the source.
    Misdirected,
    /// The certificate of the server that answers is refused.
    Untrusted,
    /// The source fails in a way that no attempt of this sync could repair.
    Upstream,
    /// A kind of a later version of the contract: treated as [`Upstream`](Self::Upstream),
    /// shown as it is.
    Unknown(String),
}

/// The host's own kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostKind {
    /// The configuration, or what it names, cannot be used.
    Configuration,
    /// The stored checkpoint cannot be used.
    Checkpoint,
    /// The storage failed.
    Storage,
    /// Another process holds the storage.
    Busy,
    /// The result cannot be written.
    Output,
    /// The component broke the contract, reached a limit, or crashed.
    Component,
    /// Something can be read later: the source requests a longer wait than this
    /// sync allows, or resources are postponed.
    Wait,
    /// The budget of the sync is spent, and more is left to read.
    Budget,
    /// The sync was stopped between two steps.
    Interrupted,
    /// The simulated tenant could not be started.
    Tenant,
    /// The machine has too little of something.
    Machine,
    /// This machine cannot measure.
    Measurement,
}

impl SourceKind {
    const NAMED: [(&'static str, SourceKind); 10] = [
        ("not-configured", SourceKind::NotConfigured),
        ("request", SourceKind::Request),
        ("authentication", SourceKind::Authentication),
        ("permission", SourceKind::Permission),
        ("rate-limited", SourceKind::RateLimited),
        ("transient", SourceKind::Transient),
        ("denied", SourceKind::Denied),
        ("misdirected", SourceKind::Misdirected),
        ("untrusted", SourceKind::Untrusted),
        ("upstream", SourceKind::Upstream),
    ];

    /// The kind that a component named. A component cannot claim the host's kinds.
    fn named(name: &str) -> SourceKind {
        if HostKind::ALL.iter().any(|kind| kind.name() == name) {
            return SourceKind::Upstream;
        }
        let known = Self::NAMED.into_iter().find(|(known, _)| *known == name);
        known.map_or_else(|| SourceKind::Unknown(name.to_owned()), |(_, kind)| kind)
    }

    fn name(&self) -> &str {
        if let SourceKind::Unknown(name) = self {
            return name;
        }
        let known = Self::NAMED.iter().find(|(_, kind)| kind == self);
        known.map_or("upstream", |(name, _)| name)
    }
}

impl HostKind {
    const ALL: [HostKind; 12] = [
        HostKind::Configuration,
        HostKind::Checkpoint,
        HostKind::Storage,
        HostKind::Busy,
        HostKind::Output,
        HostKind::Component,
        HostKind::Wait,
        HostKind::Budget,
        HostKind::Interrupted,
        HostKind::Tenant,
        HostKind::Machine,
        HostKind::Measurement,
    ];

    fn name(self) -> &'static str {
        match self {
            HostKind::Configuration => "configuration",
            HostKind::Checkpoint => "checkpoint",
            HostKind::Storage => "storage",
            HostKind::Busy => "busy",
            HostKind::Output => "output",
            HostKind::Component => "component",
            HostKind::Wait => "wait",
            HostKind::Budget => "budget",
            HostKind::Interrupted => "interrupted",
            HostKind::Tenant => "tenant",
            HostKind::Machine => "machine",
            HostKind::Measurement => "measurement",
        }
    }
}

impl FailureKind {
    /// The stable name in `--json` and in messages.
    pub fn name(&self) -> &str {
        match self {
            FailureKind::Source(kind) => kind.name(),
            FailureKind::Host(kind) => kind.name(),
        }
    }
}

impl From<HostKind> for FailureKind {
    fn from(kind: HostKind) -> FailureKind {
        FailureKind::Host(kind)
    }
}

impl From<SourceKind> for FailureKind {
    fn from(kind: SourceKind) -> FailureKind {
        FailureKind::Source(kind)
    }
}

impl PartialEq<str> for FailureKind {
    fn eq(&self, name: &str) -> bool {
        self.name() == name
    }
}

impl PartialEq<&str> for FailureKind {
    fn eq(&self, name: &&str) -> bool {
        self.name() == *name
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for FailureKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What failed, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailureReport {
    /// A kind of the contract, or one of the host's.
    pub kind: FailureKind,
    /// One sentence: what happened, where, and what to do.
    pub message: String,
    /// The HTTP status, if there was one.
    pub status: Option<u16>,
    /// Milliseconds after which another attempt is worthwhile.
    pub retry_after_ms: Option<u64>,
}

impl FailureReport {
    /// A failure without a status, the host's own or in the source's name.
    pub fn new(kind: impl Into<FailureKind>, message: impl ToString) -> Self {
        FailureReport {
            kind: kind.into(),
            message: message.to_string(),
            status: None,
            retry_after_ms: None,
        }
    }

    /// The same with a message without secrets.
    #[must_use]
    pub fn redacted(mut self, redaction: &Redaction) -> Self {
        self.message = redaction.apply(&self.message);
        self
    }

    /// Whether the component reports it.
    pub fn is_of_source(&self) -> bool {
        matches!(self.kind, FailureKind::Source(_))
    }

    /// How a command with this failure exits.
    pub fn exit(&self) -> Exit {
        match &self.kind {
            FailureKind::Source(kind) => match kind {
                SourceKind::Authentication | SourceKind::Permission => Exit::Credentials,
                // A denied request meets the same policy again. What can change is an
                // address: in the configuration, or a route on the command line.
                SourceKind::NotConfigured
                | SourceKind::Denied
                | SourceKind::Misdirected
                | SourceKind::Untrusted => Exit::Configuration,
                SourceKind::Request => Exit::Usage,
                SourceKind::RateLimited
                | SourceKind::Transient
                | SourceKind::Upstream
                | SourceKind::Unknown(_) => Exit::Later,
            },
            FailureKind::Host(kind) => match kind {
                HostKind::Configuration | HostKind::Checkpoint => Exit::Configuration,
                HostKind::Storage | HostKind::Output => Exit::Storage,
                HostKind::Component => Exit::Component,
                HostKind::Machine | HostKind::Measurement => Exit::Machine,
                HostKind::Busy
                | HostKind::Wait
                | HostKind::Budget
                | HostKind::Interrupted
                | HostKind::Tenant => Exit::Later,
            },
        }
    }
}

impl From<&Failure> for FailureReport {
    fn from(failure: &Failure) -> Self {
        FailureReport {
            kind: FailureKind::Source(SourceKind::named(&failure.kind)),
            message: failure.message.clone(),
            status: failure.status,
            retry_after_ms: failure.retry_after.map(u64::from),
        }
    }
}

/// A replacement by nothing is the source's failure, rows outside their window are the
/// component's, all else is the storage's.
impl From<&StorageError> for FailureReport {
    fn from(error: &StorageError) -> Self {
        let kind: FailureKind = match error {
            StorageError::EmptyReplacement { .. } => SourceKind::Upstream.into(),
            StorageError::StagedOutside { .. } => HostKind::Component.into(),
            StorageError::Held { .. } => HostKind::Busy.into(),
            StorageError::Unavailable { .. } => HostKind::Storage.into(),
        };
        FailureReport::new(kind, error)
    }
}

/// How a command ended, from the least to the most severe. Of several failures
/// the most severe counts; those that waiting repairs are the least severe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Everything is done.
    Done,
    /// Waiting repairs what is missing.
    Later,
    /// The command requests something that does not exist.
    Usage,
    /// The credentials are refused, or lack a scope.
    Credentials,
    /// The configuration or the checkpoint cannot be used, or what it leads to is
    /// not the source, not trusted, or denied.
    Configuration,
    /// The machine has too little of something, or cannot measure.
    Machine,
    /// The database failed, or the result cannot be written.
    Storage,
    /// The component broke the contract, reached a limit, or crashed.
    Component,
}

impl Exit {
    /// Every one, from the least to the most severe.
    pub const ALL: [Exit; 8] = [
        Exit::Done,
        Exit::Later,
        Exit::Usage,
        Exit::Credentials,
        Exit::Configuration,
        Exit::Machine,
        Exit::Storage,
        Exit::Component,
    ];

    /// The process's exit status, after BSD's `sysexits.h`.
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Usage => 64,
            Exit::Component => 70,
            Exit::Machine => 71,
            Exit::Storage => 74,
            Exit::Later => 75,
            Exit::Credentials => 77,
            Exit::Configuration => 78,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claimed(kind: &str) -> FailureReport {
        FailureReport::from(&Failure {
            kind: kind.to_owned(),
            message: String::new(),
            resource: None,
            status: None,
            retry_after: None,
        })
    }

    #[test]
    fn a_component_cannot_blame_the_host() {
        for kind in HostKind::ALL {
            let report = claimed(kind.name());
            assert_eq!(report.kind, FailureKind::Source(SourceKind::Upstream), "{kind:?}");
            assert_eq!(report.exit(), Exit::Later);
        }
    }

    #[test]
    fn a_kind_of_a_later_contract_is_shown_as_it_is_and_waited_for() {
        let report = claimed("a-kind-of-tomorrow");
        assert_eq!(report.kind.name(), "a-kind-of-tomorrow");
        assert_eq!(report.exit(), Exit::Later);
    }

    #[test]
    fn no_exit_is_left_out_of_the_list_that_the_documentation_is_compared_with() {
        assert!(Exit::ALL.is_sorted());
        let last = Exit::ALL.last().map(|exit| *exit as usize + 1);
        assert_eq!((last, Exit::ALL.last()), (Some(Exit::ALL.len()), Some(&Exit::Component)));
    }

    #[test]
    fn every_kind_of_the_contract_has_the_name_that_it_was_read_from() {
        for (name, kind) in SourceKind::NAMED {
            assert_eq!(claimed(name).kind, FailureKind::Source(kind));
            assert_eq!(claimed(name).kind.name(), name);
        }
    }
}
