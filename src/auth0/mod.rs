//! What Auth0 is asked, and what it says: requests, answers, rows. Nothing
//! here knows rawdash or how a run proceeds.

pub mod cell;
pub mod daily;
pub mod log;
pub mod log_id;
pub mod refusal;
pub mod reply;
pub mod request;
pub mod token;
pub mod user;
