//! What all connections share.

use crate::http::OnStall;
use crate::state::State;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What all connections share.
pub(crate) struct Shared {
    state: Mutex<State>,
    on_stall: Mutex<Option<OnStall>>,
}

impl Shared {
    pub(crate) fn new(state: State) -> Self {
        Self { state: Mutex::new(state), on_stall: Mutex::new(None) }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A test that failed while it held the state must not make others fail.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.catch_up();
        state
    }

    pub(crate) fn set_on_stall(&self, call: OnStall) {
        *self.lock_on_stall() = Some(call);
    }

    pub(super) fn on_stall(&self) -> Option<OnStall> {
        self.lock_on_stall().clone()
    }

    fn lock_on_stall(&self) -> MutexGuard<'_, Option<OnStall>> {
        self.on_stall.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
