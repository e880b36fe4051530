//! What a component may use, and how much of it: the linker, the store's
//! state, the limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{Engine, ResourceLimiter, Store, UpdateDeadline};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView};
use wasmtime_wasi_io::IoView;

use crate::clock::SharedClock;
use crate::error::Limit;
use crate::wasi_clocks::{self, ClockView, ClocksView};
use crate::wasi_http;

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

/// What one instance may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of linear memory, all memories together.
    pub memory: usize,
    /// Elements of all tables together.
    pub table_elements: usize,
    /// Time that one call may compute. Waiting for a response does not count.
    pub computing: Duration,
    /// Time that one call may take, waiting included.
    pub call: Duration,
    /// Bytes that one call may return to the host: the records of one step.
    pub output: usize,
    /// Requests, responses, streams and other handles held at once.
    pub handles: usize,
    /// Records that one run may return.
    pub records: u64,
    /// Steps in a row that neither return a record nor send a request.
    pub idle_steps: u64,
    /// Limits of HTTP.
    pub http: HttpLimits,
}

/// What the requests of one instance may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpLimits {
    /// Bytes of one response's body, inflated.
    pub response_body: u64,
    /// Bytes of one response's headers.
    pub response_headers: usize,
    /// Bytes of one request's body.
    pub request_body: usize,
    /// Requests under way at once: sent, and the response not yet read completely.
    pub concurrent: usize,
    /// Time from the request to the last byte of its response. A backstop:
    /// connectors have shorter deadlines of their own.
    pub exchange: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            memory: 64 << 20,
            table_elements: 100_000,
            computing: Duration::from_secs(30),
            call: Duration::from_secs(300),
            output: 32 << 20,
            handles: 4096,
            records: 100_000_000,
            idle_steps: 1000,
            http: HttpLimits::default(),
        }
    }
}

impl Default for HttpLimits {
    fn default() -> Self {
        HttpLimits {
            response_body: 16 << 20,
            response_headers: 64 << 10,
            request_body: 1 << 20,
            concurrent: 64,
            exchange: Duration::from_secs(120),
        }
    }
}

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
    limits: Arc<Limits>,
    pub(crate) memory: MemoryGauge,
    table_elements: usize,
    ticks_left: u64,
    pub(crate) met: Option<Limit>,
}

impl Meter {
    fn new(limits: &Limits) -> Self {
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

/// A linker with what [`GRANTED`] names, and nothing else.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<Sandbox>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi_io::add_to_linker_async(&mut linker)?;
    wasi_http::add_to_linker(&mut linker)?;
    wasi_clocks::add_to_linker(&mut linker)?;
    Ok(linker)
}
