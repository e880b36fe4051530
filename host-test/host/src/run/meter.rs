//! Ends a sync that would never end by itself.

use crate::contract::{Batch, record_count};
use crate::error::{HostError, Limit};

/// What a sync may return and do at most.
#[derive(Clone, Copy, Debug)]
pub struct StepLimits {
    /// The most records.
    pub records: u64,
    /// The most steps in a row that neither return a record nor send a request.
    pub idle_steps: u64,
}

/// Counts against the limits.
#[derive(Debug, Default)]
pub(super) struct Meter {
    records: u64,
    /// Steps in a row that neither returned a record nor sent a request.
    idle: u64,
    requests: u64,
}

impl Meter {
    /// Counts one step, with the requests sent so far.
    pub(super) fn count(
        &mut self,
        limits: StepLimits,
        batches: &[Batch],
        requests: u64,
    ) -> Result<(), HostError> {
        let returned = batches.iter().map(|batch| record_count(&batch.records)).sum::<u64>();
        self.records = self.records.saturating_add(returned);
        if self.records > limits.records {
            return Err(HostError::Limit(Limit::Records(limits.records)));
        }
        if returned > 0 || requests != self.requests {
            self.idle = 0;
            self.requests = requests;
        }
        self.idle += 1;
        if self.idle > limits.idle_steps {
            return Err(HostError::Limit(Limit::IdleSteps(limits.idle_steps)));
        }
        Ok(())
    }
}
