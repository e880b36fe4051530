//! Requests to Auth0 and the forms of its replies and rows. Nothing here knows
//! rawdash or how a sync proceeds.

pub mod daily;
mod encoding;
pub mod log;
pub mod log_id;
pub mod page;
pub mod refusal;
pub mod reply;
pub mod request;
pub mod token;
pub mod user;
pub mod user_search;
