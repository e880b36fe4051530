//! Stopping a sync between two steps.

use std::sync::Arc;

use tokio::sync::watch;

/// Ends a sync after the step under way. Clones share one signal.
///
/// A wait between two steps ends at once. The deadlines of requests and calls do
/// not change, so no step is stored in part.
#[derive(Clone, Debug)]
pub struct StopSignal {
    raised: Arc<watch::Sender<bool>>,
}

impl StopSignal {
    /// A signal that is not raised.
    pub fn new() -> StopSignal {
        StopSignal { raised: Arc::new(watch::Sender::new(false)) }
    }

    /// Raises it. It stays raised.
    pub fn raise(&self) {
        self.raised.send_replace(true);
    }

    /// Whether it is raised.
    pub fn is_raised(&self) -> bool {
        *self.raised.borrow()
    }

    /// Completes once it is raised.
    pub async fn raised(&self) {
        let mut raised = self.raised.subscribe();
        // `self` holds the sender, so the channel cannot close.
        let _ = raised.wait_for(|raised| *raised).await;
    }
}

impl Default for StopSignal {
    fn default() -> Self {
        Self::new()
    }
}
