//! The commands, one file each.

pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod compile;
pub(crate) mod completions;
pub(crate) mod dashboard;
pub(crate) mod demo;
pub(crate) mod describe;
pub(crate) mod man;
pub(crate) mod new;
pub(crate) mod sync;
pub(crate) mod tenant;
pub(crate) mod verify;
pub(crate) mod worker;
