//! Where a connector keeps its state between calls.

use std::sync::{Mutex, PoisonError};

use crate::contract::Failure;

/// A place for the state that `configure` creates. A component is called from one
/// thread, one call at a time, so it never blocks.
///
/// ```
/// use bare_contract::slot::Slot;
///
/// static PAGES: Slot<u64> = Slot::empty();
///
/// assert_eq!(PAGES.with(|pages| Ok(*pages)).unwrap_err().kind, "not-configured");
/// PAGES.set(1);
/// PAGES.with(|pages| Ok(*pages += 1))?;
/// assert_eq!(PAGES.with(|pages| Ok(*pages))?, 2);
/// # Ok::<(), bare_contract::contract::Failure>(())
/// ```
pub struct Slot<State>(Mutex<Option<State>>);

impl<State> Slot<State> {
    /// An empty slot.
    pub const fn empty() -> Slot<State> {
        Slot(Mutex::new(None))
    }

    /// Sets the state, and drops the previous one with its requests in flight.
    pub fn set(&self, state: State) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(state);
    }

    /// Takes the state out.
    pub fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Calls `act` with the state; fails with `not-configured` if there is none.
    pub fn with<T>(
        &self,
        act: impl FnOnce(&mut State) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        act(state.as_mut().ok_or_else(Failure::not_configured)?)
    }
}
