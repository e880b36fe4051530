//! What a batch changes, before its transaction is committed.

use rawdash_host::storage::Changed;

use crate::transaction::{Results, Ticket};

/// The statements whose rows count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) written: Vec<Ticket>,
    pub(crate) removed: Vec<Ticket>,
}

impl Tally {
    pub(crate) fn written(written: Vec<Ticket>) -> Tally {
        Tally { written, removed: Vec::new() }
    }

    pub(crate) fn removed(removed: Ticket) -> Tally {
        Tally { written: Vec::new(), removed: vec![removed] }
    }

    /// What the batch changed.
    pub(crate) fn changed(&self, results: &Results) -> Changed {
        let sum = |tickets: &[Ticket]| tickets.iter().map(|t| results.affected(*t)).sum();
        Changed { written: sum(&self.written), removed: sum(&self.removed) }
    }
}
