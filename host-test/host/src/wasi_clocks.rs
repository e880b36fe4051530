//! `wasi:clocks` on the host's [`Clock`](crate::clock::Clock). wasmtime's own
//! pollables wait on tokio's time, which a driven clock cannot move.

use std::time::Duration;

use wasmtime::component::{HasData, Linker, Resource, ResourceTable};
use wasmtime_wasi::p2::bindings::clocks::{monotonic_clock, wall_clock};
use wasmtime_wasi_io::async_trait;
use wasmtime_wasi_io::poll::{DynPollable, Pollable, subscribe};

use crate::clock::SharedClock;

/// The state of a store that has clocks.
pub(crate) trait ClocksView: Send + 'static {
    /// The clock and the resource table.
    fn clocks(&mut self) -> ClockView<'_>;
}

/// The clock and the resource table of one store.
pub(crate) struct ClockView<'a> {
    pub(crate) clock: &'a SharedClock,
    pub(crate) table: &'a mut ResourceTable,
}

struct Clocks;

impl HasData for Clocks {
    type Data<'a> = ClockView<'a>;
}

pub(crate) fn add_to_linker<T: ClocksView>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    monotonic_clock::add_to_linker::<T, Clocks>(linker, T::clocks)?;
    wall_clock::add_to_linker::<T, Clocks>(linker, T::clocks)
}

impl monotonic_clock::Host for ClockView<'_> {
    fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(nanoseconds(self.clock.monotonic()))
    }

    fn resolution(&mut self) -> wasmtime::Result<u64> {
        Ok(1)
    }

    fn subscribe_instant(&mut self, when: u64) -> wasmtime::Result<Resource<DynPollable>> {
        let deadline = Deadline {
            clock: self.clock.clone(),
            instant: Duration::from_nanos(when),
            yielded: false,
        };
        let deadline = self.table.push(deadline)?;
        subscribe(self.table, deadline)
    }

    fn subscribe_duration(&mut self, span: u64) -> wasmtime::Result<Resource<DynPollable>> {
        let now = nanoseconds(self.clock.monotonic());
        self.subscribe_instant(now.saturating_add(span))
    }
}

impl wall_clock::Host for ClockView<'_> {
    fn now(&mut self) -> wasmtime::Result<wall_clock::Datetime> {
        let now = self.clock.wall();
        Ok(wall_clock::Datetime {
            // The contract has no time before 1970; a component sees 1970 instead.
            seconds: u64::try_from(now.unix_timestamp()).unwrap_or(0),
            nanoseconds: now.nanosecond(),
        })
    }

    fn resolution(&mut self) -> wasmtime::Result<wall_clock::Datetime> {
        Ok(wall_clock::Datetime { seconds: 0, nanoseconds: 1 })
    }
}

struct Deadline {
    clock: SharedClock,
    instant: Duration,
    yielded: bool,
}

#[async_trait]
impl Pollable for Deadline {
    async fn ready(&mut self) {
        if !self.yielded {
            // A component that polls with a deadline in the past would starve
            // the sockets that it polls together with it.
            self.yielded = true;
            tokio::task::yield_now().await;
        }
        self.clock.wait_until(self.instant).await;
    }
}

/// Saturates after 584 years.
fn nanoseconds(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
