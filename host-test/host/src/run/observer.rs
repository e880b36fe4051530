//! The observer of a sync: a terminal, a log, a test.

use std::time::Duration;

use crate::contract::{Batch, Run, Warning};
use crate::failure::FailureReport;
use crate::report::ResourceState;
use crate::storage::Changed;

/// Receives what happens in a sync, after it has happened. Its texts hold no
/// secret, except in records, where the source itself may have put one.
pub trait RunObserver: Send {
    /// A run began or resumed.
    fn began(&mut self, run: &Run) {
        let _ = run;
    }

    /// A batch was stored.
    fn progress(&mut self, batch: &Batch, changed: Changed) {
        let _ = (batch, changed);
    }

    /// The batches of a step were stored; `memory` is the component's linear memory
    /// in bytes.
    fn stepped(&mut self, memory: usize) {
        let _ = memory;
    }

    /// A run ended, and may be followed by another of its resource.
    fn ended(&mut self, resource: &str, state: ResourceState) {
        let _ = (resource, state);
    }

    /// A person should know this, of a resource or, where `None`, of the source.
    fn warning(&mut self, resource: Option<&str>, warning: &Warning) {
        let _ = (resource, warning);
    }

    /// A resource failed, or with `None` the sync.
    fn failure(&mut self, resource: Option<&str>, failure: &FailureReport) {
        let _ = (resource, failure);
    }

    /// The sync waits for so long, for this where the component says so.
    fn waiting(&mut self, span: Duration, cause: Option<&FailureReport>) {
        let _ = (span, cause);
    }

    /// A request was not sent; the text says which one, why, and what to do.
    fn denied(&mut self, denial: &str) {
        let _ = denial;
    }

    /// Every wanted resource is complete, or has failed for good.
    fn done(&mut self) {}
}

/// No observer.
impl RunObserver for () {}
