//! What a component may use, and how much of it: the linker, the store's
//! state, the limits.

mod limits;
mod meter;

use std::time::Duration;

use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{Engine, Store, UpdateDeadline};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView};
use wasmtime_wasi_io::IoView;

use crate::clock::SharedClock;
use crate::error::Limit;
use crate::wasi_clocks::{self, ClockView, ClocksView};
use crate::wasi_http;

pub use self::limits::{HttpLimits, Limits};
pub use self::meter::MemoryGauge;

use self::meter::Meter;

/// How often the engine interrupts a component that computes.
pub(crate) const TICK: Duration = Duration::from_millis(10);

/// The interfaces that a connector may import, in any 0.2 version that the engine
/// supports.
pub const GRANTED: [&str; 7] = [
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:http/outgoing-handler",
    "wasi:http/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
];

/// The state of one store.
pub(crate) struct Sandbox {
    table: ResourceTable,
    http: WasiHttpCtx,
    transport: Box<dyn WasiHttpHooks>,
    clock: SharedClock,
    pub(crate) meter: Meter,
}

impl Sandbox {
    /// A store for exactly one instance.
    pub(crate) fn store(
        engine: &Engine,
        limits: &Limits,
        transport: Box<dyn WasiHttpHooks>,
        clock: SharedClock,
    ) -> Store<Sandbox> {
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits.handles);
        let meter = Meter::new(limits);
        let state = Sandbox { table, http: WasiHttpCtx::new(), transport, clock, meter };
        let mut store = Store::new(engine, state);
        store.limiter(|sandbox| &mut sandbox.meter);
        store.set_hostcall_fuel(limits.output);
        // Fuel is only counted, so the limit is out of reach. An engine that does
        // not count refuses this.
        let _ = store.set_fuel(u64::MAX);
        store.epoch_deadline_callback(|mut context| {
            let meter = &mut context.data_mut().meter;
            meter.ticks_left = meter.ticks_left.saturating_sub(1);
            if meter.ticks_left == 0 {
                meter.met = Some(Limit::Computing(meter.limits.computing));
                return Ok(UpdateDeadline::Interrupt);
            }
            Ok(UpdateDeadline::Yield(1))
        });
        store
    }
}

impl ClocksView for Sandbox {
    fn clocks(&mut self) -> ClockView<'_> {
        ClockView { clock: &self.clock, table: &mut self.table }
    }
}

impl IoView for Sandbox {
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}

impl WasiHttpView for Sandbox {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut *self.transport, table: &mut self.table, ctx: &mut self.http }
    }
}

/// A linker with what [`GRANTED`] names, and nothing else.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<Sandbox>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi_io::add_to_linker_async(&mut linker)?;
    wasi_http::add_to_linker(&mut linker)?;
    wasi_clocks::add_to_linker(&mut linker)?;
    Ok(linker)
}
