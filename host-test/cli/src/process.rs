//! What the operating system has to do with it.

pub(crate) mod core_dump;
pub(crate) mod interrupt;
pub(crate) mod signals;
