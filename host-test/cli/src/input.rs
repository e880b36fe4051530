//! The input of a sync and a check.

pub(crate) mod configuration;
pub(crate) mod preparation;
pub(crate) mod resources;
pub(crate) mod secrets;
