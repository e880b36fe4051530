//! Signals and core dumps.

pub(crate) mod core_dump;
pub(crate) mod interrupt;
pub(crate) mod signals;
