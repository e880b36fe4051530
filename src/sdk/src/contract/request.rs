//! What a host requests of a sync.

use crate::time::timestamp::Timestamp;

/// How much of a resource is requested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Full or latest, as the checkpoint requires.
    #[default]
    Auto,
    /// Everything within `since`.
    Full,
    /// What changed since the last run.
    Latest,
}

/// Rows for which readers have a use. A source that cannot filter may return
/// others too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The field.
    pub field: String,
    /// The operator.
    pub op: String,
    /// What the field is compared with: it holds with any of these.
    pub values: Vec<String>,
}

/// What readers want of one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// The resource's name.
    pub resource: String,
    /// How much of it.
    pub mode: Mode,
    /// Nothing older is wanted.
    pub since: Option<Timestamp>,
    /// Which rows are wanted: all of these hold.
    pub conditions: Vec<Condition>,
}

impl Want {
    /// A resource, in mode `auto` and without a bound.
    pub fn auto(resource: &str) -> Want {
        Want {
            resource: resource.to_owned(),
            mode: Mode::Auto,
            since: None,
            conditions: Vec::new(),
        }
    }
}

/// What the host requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncRequest {
    /// Empty for every resource that the configuration allows, in mode `auto`.
    pub wants: Vec<Want>,
    /// Milliseconds after which the call should return.
    pub patience: Option<u32>,
}
