//! What an answer led to.

use crate::contract::batch::{Effect, Warning};
use crate::contract::failure::{Failure, FailureKind};
use crate::contract::records::Records;
use crate::json::anomalies::Anomalies;
use crate::resource::given::{Cause, Trouble};

/// What one page led to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageOutcome {
    /// Records and the effect that storing them has; more than one where a page
    /// both changes and removes.
    pub records: Vec<(Records, Effect)>,
    /// What a person should know.
    pub warnings: Vec<Warning>,
    /// How many records the run reads in all, where the source says.
    pub expected: Option<u64>,
    /// Values that are not as documented; the engine warns of them.
    pub anomalies: Anomalies,
}

impl PageOutcome {
    /// Records with one effect.
    pub fn of(records: Records, effect: Effect) -> PageOutcome {
        PageOutcome { records: vec![(records, effect)], ..PageOutcome::default() }
    }

    /// A warning.
    pub fn warning(warning: Warning) -> PageOutcome {
        PageOutcome { warnings: vec![warning], ..PageOutcome::default() }
    }
}

/// What a resource makes of what it is given. The run stands where it should go
/// on: what it requests next follows from it.
#[derive(Clone, Debug, PartialEq)]
pub enum Received {
    /// A page was read, or a row was skipped.
    Page(PageOutcome),
    /// Nothing was read, and the run requests something else: less, or elsewhere.
    /// It counts as no attempt.
    Again,
    /// The attempt failed; the run requests the same again, after a pause.
    Attempt(Trouble),
    /// The lane makes no further attempt in this sync; the run is kept, and
    /// postponed when all of its lanes are. For [`crate::resource::Given::Exhausted`].
    Postpone,
    /// The whole run is postponed at once, after what the page led to; the text
    /// is a sentence that says why.
    PostponeRun(PageOutcome, String),
    /// The run fails for good, and is dropped.
    Fail(Failure),
}

impl Received {
    /// The attempt led to something that cannot be read: one clause that says
    /// what.
    pub fn unreadable(what: &str) -> Received {
        Received::Attempt(Trouble {
            kind: FailureKind::Transient,
            cause: Cause::Unreadable,
            what: what.to_owned(),
            status: None,
        })
    }
}
