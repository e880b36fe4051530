//! Signals, core dumps and the limits of the machine.

pub mod core_dump;
pub mod interrupt;
pub(crate) mod machine;
pub(crate) mod signals;
