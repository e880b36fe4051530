//! What one instance uses, held to its limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wasmtime::ResourceLimiter;

use super::TICK;
use super::limits::Limits;
use crate::error::Limit;
use crate::machine::MachineLimit;

/// Bytes of linear memory that an instance holds. Clones share one instance.
#[derive(Clone, Debug, Default)]
pub struct MemoryGauge(Arc<AtomicUsize>);

impl MemoryGauge {
    /// Its bytes now, all memories together.
    pub fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Relaxed);
    }
}

/// Counts what one instance uses, and remembers the limit that it reached: the
/// engine's own errors do not say.
pub(crate) struct Meter {
    pub(super) limits: Arc<Limits>,
    pub(crate) memory: MemoryGauge,
    table_elements: usize,
    pub(super) ticks_left: u64,
    pub(crate) met: Option<Limit>,
}

impl Meter {
    pub(super) fn new(limits: &Limits) -> Self {
        let limits = Arc::new(limits.clone());
        let memory = MemoryGauge::default();
        Meter { limits, memory, table_elements: 0, ticks_left: 0, met: None }
    }

    /// Gives the next call its full computing time.
    pub(crate) fn begin_call(&mut self) {
        let ticks = self.limits.computing.as_nanos() / TICK.as_nanos();
        // One more, because the first tick may be immediate.
        self.ticks_left = u64::try_from(ticks).unwrap_or(u64::MAX).saturating_add(1);
    }

    fn refuse(&mut self, limit: Limit) -> wasmtime::Result<bool> {
        self.met = Some(limit);
        // An error, not `false`: a component that learns that memory is full
        // continues in a state that nobody has tested.
        Err(wasmtime::format_err!("limit of {limit}"))
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let all = self.memory.bytes().saturating_add(desired.saturating_sub(current));
        if all > self.limits.memory {
            return self.refuse(Limit::Memory(self.limits.memory));
        }
        self.memory.set(all);
        Ok(true)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        // An error, not a failed growth, as in `refuse`.
        if MachineLimit::behind(&error).is_some() { Err(error) } else { Ok(()) }
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let all = self.table_elements.saturating_add(desired.saturating_sub(current));
        if all > self.limits.table_elements {
            return self.refuse(Limit::Tables(self.limits.table_elements));
        }
        self.table_elements = all;
        Ok(true)
    }

    fn instances(&self) -> usize {
        64
    }

    fn tables(&self) -> usize {
        64
    }

    fn memories(&self) -> usize {
        16
    }
}
