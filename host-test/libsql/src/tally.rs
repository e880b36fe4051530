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
    /// What the batch changed.
    pub(crate) fn changed(&self, results: &Results) -> Changed {
        let sum = |tickets: &[Ticket]| tickets.iter().map(|t| results.affected(*t)).sum();
        Changed { written: sum(&self.written), removed: sum(&self.removed) }
    }
}
