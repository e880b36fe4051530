//! Signals, panics, core dumps and the limits of the machine.

pub mod core_dump;
pub(crate) mod interrupt;
pub(crate) mod machine;
pub(crate) mod panics;
pub mod signals;
