//! The input of a sync and a check.

pub mod configuration;
pub(crate) mod preparation;
pub(crate) mod resources;
pub mod secrets;
