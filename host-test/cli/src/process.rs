//! Signals, core dumps and the limits of the machine.

pub(crate) mod core_dump;
pub(crate) mod interrupt;
pub(crate) mod machine;
pub(crate) mod signals;
