//! Output for people.

pub(crate) mod chart;
pub(crate) mod log;
pub(crate) mod man_page;
pub(crate) mod metrics;
pub(crate) mod progress;
pub(crate) mod replacement;
pub(crate) mod stored;
pub(crate) mod summary;
pub(crate) mod terminal;
