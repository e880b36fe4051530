//! Why a command ends before its sync begins.

use std::fmt;

use rawdash_host::error::HostError;
use rawdash_host::failure::{Exit, FailureReport, HostKind};
use rawdash_host::storage::StorageError;
use rawdash_libsql::UnusableServer;
use rawdash_sqlite::OpenError;

/// The command ended before any request to the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EarlyEnd {
    /// The command line is wrong. One sentence.
    Usage(String),
    /// Something that the command needs failed.
    Failure(FailureReport),
}

impl EarlyEnd {
    /// The configuration, or what it names, cannot be used.
    pub fn configuration(message: impl ToString) -> EarlyEnd {
        EarlyEnd::Failure(FailureReport::new(HostKind::Configuration, message))
    }

    /// How the command exits.
    pub fn exit(&self) -> Exit {
        match self {
            EarlyEnd::Usage(_) => Exit::Usage,
            EarlyEnd::Failure(failure) => failure.exit(),
        }
    }
}

impl fmt::Display for EarlyEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EarlyEnd::Usage(message) => f.write_str(message),
            EarlyEnd::Failure(failure) => f.write_str(&failure.message),
        }
    }
}

impl From<FailureReport> for EarlyEnd {
    fn from(failure: FailureReport) -> EarlyEnd {
        EarlyEnd::Failure(failure)
    }
}

impl From<HostError> for EarlyEnd {
    fn from(error: HostError) -> EarlyEnd {
        EarlyEnd::Failure(FailureReport::from(&error))
    }
}

impl From<StorageError> for EarlyEnd {
    fn from(error: StorageError) -> EarlyEnd {
        EarlyEnd::Failure(FailureReport::from(&error))
    }
}

impl From<UnusableServer> for EarlyEnd {
    fn from(error: UnusableServer) -> EarlyEnd {
        match error {
            UnusableServer::Address(message) => EarlyEnd::Usage(message),
            UnusableServer::Machine(message) => EarlyEnd::configuration(message),
        }
    }
}

impl From<rawdash_libsql::OpenError> for EarlyEnd {
    fn from(error: rawdash_libsql::OpenError) -> EarlyEnd {
        EarlyEnd::Failure(FailureReport::new(HostKind::Storage, error))
    }
}

impl From<OpenError> for EarlyEnd {
    fn from(error: OpenError) -> EarlyEnd {
        let kind = match error {
            // Waiting repairs it.
            OpenError::Busy { .. } | OpenError::Locked { .. } => HostKind::Busy,
            OpenError::Unavailable { .. } => HostKind::Storage,
        };
        EarlyEnd::Failure(FailureReport::new(kind, error))
    }
}
