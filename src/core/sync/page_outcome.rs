//! What one page led to.

use crate::rawdash::record::{Effect, Records, Warning};

/// What one page led to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageOutcome {
    /// Records and the effect that storing them has; more than one where a page
    /// both changes and removes.
    pub records: Vec<(Records, Effect)>,
    /// What a person should know.
    pub warnings: Vec<Warning>,
    /// How many records the resource has in all, where the page says.
    pub expected: Option<u64>,
    /// Set when rows are certainly missing, which a later attempt may repair.
    pub incomplete: Option<Incomplete>,
}

/// Users that were certainly not read.
#[derive(Clone, Debug, PartialEq)]
pub struct Incomplete {
    /// Which users, how many were read, and how many there were.
    pub what: String,
}
