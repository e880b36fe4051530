//! Batches: records, and the effect that storing them has.

use serde::{Deserialize, Serialize};

use crate::contract::records::{Node, Records};
use crate::time::timestamp::Timestamp;

/// A span of time, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its first millisecond.
    pub start: Timestamp,
    /// Its last millisecond.
    pub end: Timestamp,
}

impl Window {
    /// The least window that holds these times; `None` where there are none.
    pub fn around(times: impl Iterator<Item = Timestamp> + Clone) -> Option<Window> {
        Some(Window { start: times.clone().min()?, end: times.max()? })
    }
}

/// What publishing replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The generation under which the rows were staged.
    pub generation: u64,
    /// Everything stored for the resource, or only the rows of this window.
    pub scope: Option<Window>,
    /// The source itself says that there is nothing. Without it, a host refuses
    /// to replace rows by none.
    pub empty_is_true: bool,
}

/// The effect that storing a batch has.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Added, replaced or removed by identity.
    Merge,
    /// What is stored within the window is replaced.
    ReplaceWindow(Window),
    /// The edges that start at these nodes are replaced.
    ReplaceFrom(Vec<Node>),
    /// Kept aside under a generation; rows of another generation are dropped.
    Stage(u64),
    /// What is staged, and this batch, replace what is stored.
    Publish(Publication),
}

/// Something that a person should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Stable, lower-case.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
    /// How many rows or times.
    pub count: u32,
}

impl Warning {
    /// A warning about one thing.
    pub fn new(code: &'static str, message: impl Into<String>) -> Warning {
        Warning { code, message: message.into(), count: 1 }
    }
}

/// How far a run is, counted from its begin, across instances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Pages read.
    pub pages: u64,
    /// Records read.
    pub records: u64,
    /// Records expected, where the source says.
    pub expected: Option<u64>,
}

/// Records of one resource, and the effect that storing them has.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The resource.
    pub resource: String,
    /// Its records.
    pub records: Records,
    /// The effect that storing them has.
    pub effect: Effect,
    /// How far the run is.
    pub progress: Progress,
    /// What a person should know.
    pub warnings: Vec<Warning>,
}
