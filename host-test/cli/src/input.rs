//! What a sync and a check are given.

pub(crate) mod configuration;
pub(crate) mod preparation;
pub(crate) mod resources;
