//! Why a command ends before its run begins.

use std::fmt;

use crate::database::OpenError;
use crate::error::HostError;
use crate::report::{FailureReport, Outcome};
use crate::storage::StorageError;

/// Nothing was asked of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The command line asks for what there is not. One sentence.
    Usage(String),
    /// Something that it needs is not as it must be.
    Failure(FailureReport),
}

impl Stop {
    /// The configuration, or what it names, cannot be used.
    pub(super) fn configuration(message: impl ToString) -> Stop {
        Stop::Failure(FailureReport::new("configuration", message))
    }

    /// How the command exits.
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Stop::Usage(_) => Outcome::Usage,
            Stop::Failure(failure) => failure.outcome(),
        }
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Usage(message) => f.write_str(message),
            Stop::Failure(failure) => f.write_str(&failure.message),
        }
    }
}

impl From<FailureReport> for Stop {
    fn from(failure: FailureReport) -> Stop {
        Stop::Failure(failure)
    }
}

impl From<HostError> for Stop {
    fn from(error: HostError) -> Stop {
        Stop::Failure(FailureReport::new("component", error))
    }
}

impl From<StorageError> for Stop {
    fn from(error: StorageError) -> Stop {
        Stop::Failure(FailureReport::new("storage", error))
    }
}

impl From<OpenError> for Stop {
    fn from(error: OpenError) -> Stop {
        let kind = match error {
            // Waiting mends it.
            OpenError::Busy { .. } => "busy",
            OpenError::Unavailable { .. } => "storage",
        };
        Stop::Failure(FailureReport::new(kind, error))
    }
}
