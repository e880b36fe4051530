//! Output for people.

pub(crate) mod chart;
pub(crate) mod dashboard;
pub(crate) mod man_page;
pub(crate) mod progress;
pub(crate) mod summary;
pub(crate) mod terminal;
