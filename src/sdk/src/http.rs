//! Requests to a source, and the replies to them, as values.

pub mod encoding;
pub mod rate_limit;
pub mod reply;
pub mod request;
