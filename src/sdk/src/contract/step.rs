//! What one call of `sync` returns.

use serde::{Deserialize, Serialize};

use crate::contract::batch::Batch;
use crate::contract::failure::Failure;

/// How much a run reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RunMode {
    /// Everything.
    Full,
    /// What changed.
    Latest,
}

/// How the run of a resource ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Everything was read.
    Complete,
    /// Impossible with these credentials, or at all: what is staged is dropped.
    Failed(Failure),
    /// Not now: the next sync carries on.
    Postponed(Failure),
}

/// What one call of `sync` returns. The contract's `warned` is not among it: what a
/// person should know comes with the batch that it is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// The run of a resource began.
    Began {
        /// The resource's name.
        resource: String,
        /// How much is read.
        mode: RunMode,
        /// Whether an earlier sync began it.
        resumed: bool,
    },
    /// To be stored in one transaction, with the checkpoint.
    Batches(Vec<Batch>),
    /// The run of a resource ended.
    Ended {
        /// The resource's name.
        resource: String,
        /// How it ended.
        ending: Ending,
    },
    /// Nothing can arrive for a time.
    Wait {
        /// How long.
        milliseconds: u32,
        /// The refusal or failure of the source that is waited for, if it is one.
        cause: Option<Failure>,
    },
    /// Every wanted resource has ended in this sync.
    Done,
}

impl Step {
    /// A wait that is no failure of the source.
    pub fn wait(milliseconds: u32) -> Step {
        Step::Wait { milliseconds, cause: None }
    }
}
