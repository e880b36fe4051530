//! Who watches a run: a terminal, a log, a test.

use std::time::Duration;

use crate::contract::{Batch, Run, Warning};
use crate::failure::FailureReport;
use crate::storage::Changed;

/// Is told what happens in a run, when it has happened. No text that it gets
/// holds a secret, save what the source itself put in records.
pub trait RunObserver: Send {
    /// A run began, or was carried on.
    fn began(&mut self, run: &Run) {
        let _ = run;
    }

    /// A batch was stored.
    fn progress(&mut self, batch: &Batch, changed: Changed) {
        let _ = (batch, changed);
    }

    /// The batches of a step were stored; the component holds so many bytes of linear memory.
    fn stepped(&mut self, memory: usize) {
        let _ = memory;
    }

    /// A person should know this of a resource.
    fn warning(&mut self, resource: &str, warning: &Warning) {
        let _ = (resource, warning);
    }

    /// Something failed: a resource, or where `None` the command.
    fn failure(&mut self, resource: Option<&str>, failure: &FailureReport) {
        let _ = (resource, failure);
    }

    /// The run rests for so long.
    fn waiting(&mut self, span: Duration) {
        let _ = span;
    }

    /// A request was not sent; the text says which, why, and what to do.
    fn denied(&mut self, denial: &str) {
        let _ = denial;
    }

    /// All runs of the command are done.
    fn done(&mut self) {}
}

/// Nobody watches.
impl RunObserver for () {}
