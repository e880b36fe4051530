//! Where a connector keeps its state from call to call.

use std::sync::{Mutex, PoisonError};

use crate::contract::Failure;

/// Room for what `configure` makes. A component is called from one thread, one
/// call at a time, so nobody ever waits for it.
///
/// ```
/// use connector_kit::slot::Slot;
///
/// static PAGES: Slot<u64> = Slot::empty();
///
/// assert_eq!(PAGES.with(|pages| Ok(*pages)).unwrap_err().kind, "not-configured");
/// PAGES.set(1);
/// PAGES.with(|pages| Ok(*pages += 1))?;
/// assert_eq!(PAGES.with(|pages| Ok(*pages))?, 2);
/// # Ok::<(), connector_kit::contract::Failure>(())
/// ```
pub struct Slot<State>(Mutex<Option<State>>);

impl<State> Slot<State> {
    /// An empty one.
    pub const fn empty() -> Slot<State> {
        Slot(Mutex::new(None))
    }

    /// Puts a state in; what was there goes, with its requests in flight.
    pub fn set(&self, state: State) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(state);
    }

    /// Takes the state out.
    pub fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Acts on the state; fails with `not-configured` where there is none.
    pub fn with<T>(
        &self,
        act: impl FnOnce(&mut State) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        act(state.as_mut().ok_or_else(Failure::not_configured)?)
    }
}
