//! Records, and the effect that storing them has: the contract's types as the
//! core sees them.

use crate::engine::timestamp::Timestamp;
use crate::resource::Resource;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The log row's id.
    pub id: String,
    /// When.
    pub start: Timestamp,
    /// A JSON object.
    pub attributes: String,
}

/// A thing with state.
#[derive(Clone, Debug, PartialEq)]
pub struct Entity {
    /// The user's id.
    pub id: String,
    /// When it changed last; the epoch where that is not known.
    pub updated_at: Option<Timestamp>,
    /// A JSON object.
    pub attributes: String,
}

/// One number of one day.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The day's begin.
    pub at: Timestamp,
    /// The number.
    pub value: f64,
    /// A JSON object.
    pub attributes: String,
}

/// Records of one shape.
#[derive(Clone, Debug, PartialEq)]
pub enum Records {
    /// Login events.
    Events(Vec<Event>),
    /// Users.
    Entities(Vec<Entity>),
    /// Ids of users that are gone.
    Removals(Vec<String>),
    /// Daily numbers.
    Samples(Vec<Sample>),
}

impl Records {
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Records::Events(rows) => rows.len(),
            Records::Entities(rows) => rows.len(),
            Records::Removals(rows) => rows.len(),
            Records::Samples(rows) => rows.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The effect that storing a batch has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Added, replaced or removed by id.
    Merge,
    /// The samples of this span, both ends included, are replaced.
    ReplaceWindow(Timestamp, Timestamp),
    /// Staged under a generation.
    Stage(u64),
    /// What is staged under the generation, and this batch, become the stored
    /// content.
    ReplaceAll(u64),
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

/// How far a resource is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Pages read.
    pub pages: u64,
    /// Records read.
    pub records: u64,
    /// Records expected, where Auth0 says.
    pub expected: Option<u64>,
}

/// Records of one resource and the effect that storing them has.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The resource.
    pub resource: Resource,
    /// Its records.
    pub records: Records,
    /// The effect that storing them has.
    pub effect: Effect,
    /// How far the resource is read.
    pub progress: Progress,
    /// What a person should know.
    pub warnings: Vec<Warning>,
}
