//! Who watches the steps of a sync.

use std::time::Duration;

use crate::contract::{Batch, Ending, Failure, Notice, Run};
use crate::storage::{Committed, StorageError};

/// Who watches the steps. Nothing that it does changes them, save an objection.
pub trait StepWatcher: Send {
    /// A call returned: what was sent and received by now belongs to it. Returns
    /// the requests sent so far.
    fn called(&mut self) -> u64 {
        0
    }

    /// A checkpoint that is about to be stored. An objection ends the loop.
    fn checkpoint(&mut self, checkpoint: &str) -> Result<(), String> {
        let _ = checkpoint;
        Ok(())
    }

    /// A run began, or was carried on.
    fn began(&mut self, run: &Run) {
        let _ = run;
    }

    /// The batches of a step, each legal by itself, before they are stored.
    fn batches(&mut self, batches: &[Batch]) {
        let _ = batches;
    }

    /// The batches of a step, stored.
    fn stored(&mut self, batches: &[Batch], committed: &Committed) {
        let _ = (batches, committed);
    }

    /// The storage refuses to replace rows of this run's resource by none: the step
    /// is not stored, and the run is postponed.
    fn refused(&mut self, run: &Run, error: &StorageError) {
        let _ = (run, error);
    }

    /// Warnings that belong to no batch.
    fn warned(&mut self, notice: &Notice) {
        let _ = notice;
    }

    /// A run ended.
    fn ended(&mut self, run: &Run, ending: &Ending) {
        let _ = (run, ending);
    }

    /// The loop waits for so long, for this where the component says so.
    fn waiting(&mut self, span: Duration, cause: Option<&Failure>) {
        let _ = (span, cause);
    }
}

/// Nobody watches.
impl StepWatcher for () {}
