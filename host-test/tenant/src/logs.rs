//! Tenant logs: how rows are generated, stored, written as JSON and read.

mod history;
mod id;
mod mix;
mod new_log;
mod odd;
mod people;
mod row;
mod search;
mod stream;
mod types;

pub(crate) use history::Event;
pub use id::LogIds;
pub use mix::LogMix;
pub use new_log::NewLog;
pub(crate) use search::list;
pub use stream::LogEntry;
pub(crate) use stream::Logs;
pub(crate) use types::SUCCESSFUL_LOGIN;
