//! The engines that components run on.

use wasmtime::{Config, Engine, Memory, MemoryType, Store};

use crate::error::HostError;
use crate::machine::MachineLimit;
use crate::sandbox::{Limits, TICK};

/// What a small reservation has beyond an instance's memory: pages that catch
/// accesses beyond its end, and room to grow into when it is moved.
const GUARD: u64 = 64 << 10;
const GROWTH: u64 = 1 << 20;

/// The settings of an engine that compiles for this machine.
pub(crate) fn config() -> Config {
    let config = interruptible();
    #[cfg(feature = "cache")]
    let config = cached(config, crate::cache::of_user());
    config
}

#[cfg(feature = "cache")]
fn cached(mut config: Config, cache: Option<wasmtime::Cache>) -> Config {
    config.cache(cache);
    config
}

/// An engine whose instances reserve so much address space for their memory that
/// code needs no bounds checks, or, where the machine does not have that, no more
/// than they may use.
pub(crate) fn native(mut config: Config) -> wasmtime::Result<Engine> {
    let engine = Engine::new(&config)?;
    if has_address_space(&engine) {
        return Ok(engine);
    }
    reserve_little(&mut config);
    config.memory_guard_size(GUARD);
    Engine::new(&config)
}

/// An engine that interprets bytecode, which needs no executable memory and is the
/// same on every machine.
#[cfg(feature = "cache")]
pub(crate) fn interpreting(cache: wasmtime::Cache) -> wasmtime::Result<Engine> {
    let mut config = interruptible();
    config.target(if cfg!(target_pointer_width = "64") { "pulley64" } else { "pulley32" })?;
    // Bytecode checks every access, so a large reservation would gain nothing.
    reserve_little(&mut config);
    Engine::new(&cached(config, Some(cache)))
}

fn interruptible() -> Config {
    let mut config = Config::new();
    config.epoch_interruption(true);
    config
}

fn reserve_little(config: &mut Config) {
    let most = u64::try_from(Limits::default().memory).unwrap_or(u64::MAX);
    config.memory_reservation(most).memory_reservation_for_growth(GROWTH);
}

/// Whether two instances can reserve their memory at once: a run that resumes has
/// one after the other, and other reservations are made in between.
fn has_address_space(engine: &Engine) -> bool {
    let mut store = Store::new(engine, ());
    let mut reserve = || Memory::new(&mut store, MemoryType::new(0, None)).is_ok();
    reserve() && reserve()
}

/// Makes the engine check regularly how long components have computed. The thread
/// ends with the engine.
pub(crate) fn tick(engine: &Engine) -> Result<(), HostError> {
    let engine = engine.weak();
    let ticking = std::thread::Builder::new().spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    });
    ticking.map(drop).map_err(|_| HostError::Machine(MachineLimit::Threads))
}
