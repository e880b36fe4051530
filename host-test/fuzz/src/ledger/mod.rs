//! What a host remembers of the steps so far, and by which it judges the next one.

mod account;
mod log_page;
mod steps;

pub(crate) use account::Account;
pub(crate) use log_page::LogPage;
pub(crate) use steps::Steps;
