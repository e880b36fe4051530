//! How a run proceeds: what is asked next, what an answer moves, what a
//! failure costs. No input, no output, no clock: time and answers come in as
//! values, so that every rule is tested natively.

pub mod access;
pub mod checkpoint;
pub mod deletions;
pub mod events;
pub mod failure;
pub mod lane;
pub mod pacing;
pub mod pass;
pub mod segment;
pub mod session;
pub mod stats;
pub mod users;

use crate::rawdash::record::{Effect, Records, Warning};
use crate::run::pass::Incomplete;
use crate::timestamp::{MINUTE, Milliseconds};

/// How far Auth0's search index, and its log, may lag behind. A longer lag is
/// mended by the next full run.
pub const OVERLAP: Milliseconds = 15 * MINUTE;

/// Milliseconds of a clock that only ever goes forward.
pub type Instant = u64;

/// What one page brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Yield {
    /// Records and what storing them does; more than one where a page both
    /// changes and removes.
    pub records: Vec<(Records, Effect)>,
    /// What a person should know.
    pub warnings: Vec<Warning>,
    /// How many records the resource will bring, where the page told.
    pub expected: Option<u64>,
    /// Set when rows are certainly missing, as a later try may mend.
    pub incomplete: Option<Incomplete>,
}
