//! What a measured process does.

use serde::{Deserialize, Serialize};

use super::measured::Measured;
use super::waiting_syncs::Waiting;
use super::workload::{Figures, Workload};

/// The work of one process.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Work {
    /// One sync, to its end.
    Sync(Workload),
    /// Many syncs, up to their first wait.
    Waiting(Waiting),
}

impl Work {
    /// Does it in this process, and returns what the process used.
    ///
    /// # Errors
    /// When a sync fails.
    pub async fn run(&self, component: &[u8]) -> Measured<Figures> {
        match self {
            Work::Sync(workload) => workload.run(component).await,
            Work::Waiting(waiting) => waiting.run(component).await,
        }
    }
}
