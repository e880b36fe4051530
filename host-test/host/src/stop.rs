//! Stopping a sync between two steps.

use std::sync::Arc;

use tokio::sync::watch;

/// Tells a sync to end where the step under way ends. Clones are one signal.
///
/// A wait between two steps ends at once. Deadlines of requests and of calls
/// stay what they are, so no step is half stored.
#[derive(Clone, Debug)]
pub struct StopSignal {
    raised: Arc<watch::Sender<bool>>,
}

impl StopSignal {
    /// A signal that nobody has raised yet.
    pub fn new() -> StopSignal {
        StopSignal { raised: Arc::new(watch::Sender::new(false)) }
    }

    /// Raises it, for good.
    pub fn raise(&self) {
        self.raised.send_replace(true);
    }

    /// Whether it is raised.
    pub fn is_raised(&self) -> bool {
        *self.raised.borrow()
    }

    /// Ends once it is raised.
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
