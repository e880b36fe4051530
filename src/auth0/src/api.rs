//! Requests to Auth0, and the forms of its answers and rows. Nothing here knows
//! rawdash's records or how a run proceeds.

pub mod daily;
pub mod log;
pub mod log_id;
pub mod log_type;
pub mod next_link;
pub mod page;
pub mod refusal;
pub mod request;
pub mod token;
pub mod user;
pub mod user_search;

use rawdash_connector_sdk::time::timestamp::Timestamp;

/// 2013-01-01, when Auth0 opened: no tenant, user or statistic is older.
pub fn auth0_began() -> Timestamp {
    const MILLIS: i64 = 1_356_998_400_000;
    Timestamp::from_millis(MILLIS).unwrap_or(Timestamp::EPOCH)
}
