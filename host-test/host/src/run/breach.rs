//! How a component broke the contract in a step.

use std::fmt;

use crate::contract::{ConfigureError, Failure};
use crate::validation::Violation;

/// Bytes of a checkpoint.
pub const MAX_CHECKPOINT: usize = 1 << 20;

/// How a component broke the contract.
#[derive(Clone, Debug, PartialEq)]
pub enum Breach {
    /// A step is about a resource that the configuration does not allow.
    UnknownResource(String),
    /// A run of a resource began that is not wanted.
    NotWanted(String),
    /// A run of a resource began while another one of it was under way.
    RunWithinRun(String),
    /// A run began in mode `auto`.
    ModeAuto(String),
    /// Records of a resource arrived, or its run ended, and no run of it was
    /// under way.
    NotUnderWay(String),
    /// `done` was returned before the run of this wanted resource had ended.
    NotEnded(String),
    /// `done` was returned after a resumed run of this resource, without the run
    /// that was requested.
    NotFollowed(String),
    /// There is no checkpoint after a step.
    NoCheckpoint(Failure),
    /// The checkpoint has so many bytes.
    CheckpointSize(usize),
    /// The component refuses the checkpoint that it returned.
    NotResumed(ConfigureError),
    /// The watcher's objection to a checkpoint.
    Checkpoint(String),
    /// A batch is not legal.
    Batch(Violation),
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Breach::Batch(violation) = self {
            return violation.fmt(f);
        }
        f.write_str("the component broke the contract: ")?;
        match self {
            Breach::UnknownResource(name) => {
                write!(f, "the configuration allows no resource {name:?}")
            }
            Breach::NotWanted(name) => write!(f, "a run of {name} began, which is not wanted"),
            Breach::RunWithinRun(name) => write!(f, "a run of {name} began within a run of it"),
            Breach::ModeAuto(name) => write!(f, "a run of {name} began in mode auto"),
            Breach::NotUnderWay(name) => write!(f, "no run of {name} is under way"),
            Breach::NotEnded(name) => {
                write!(f, "it returned `done` before a run of {name} had ended")
            }
            Breach::NotFollowed(name) => write!(
                f,
                "it returned `done` after a resumed run of {name}, without the requested one"
            ),
            Breach::NoCheckpoint(failure) => {
                write!(f, "after a step there is no checkpoint: {}", failure.message)
            }
            Breach::CheckpointSize(bytes) => {
                write!(f, "its checkpoint has {bytes} bytes, more than {MAX_CHECKPOINT}")
            }
            Breach::NotResumed(ConfigureError::Checkpoint(why)) => {
                write!(f, "it refuses its own checkpoint: {why}")
            }
            Breach::NotResumed(ConfigureError::Configuration(_)) => {
                f.write_str("it refuses the configuration that it accepted before")
            }
            Breach::Checkpoint(objection) => f.write_str(objection),
            Breach::Batch(_) => Ok(()),
        }
    }
}
