//! A simulated Auth0 tenant: the Management API as it behaves, not as it would
//! be convenient, over real HTTP/1.1 on 127.0.0.1.
//!
//! A tenant is made from a seed and a time, and is the same each time. It has
//! its own [`Clock`], which tests drive. While it runs, [`Tenant::state`]
//! reaches what is in it: users move and vanish, logs come late, secrets are
//! rotated, and [`Rule`]s let things go wrong at a chosen request.
//!
//! Where things are:
//! - time: `clock`, `instant`; what is asked for at the start: `options`, `plan`
//! - users: `population` (generated), `odd_users`, `user` (one), `users` (all, and
//!   the search index that lags), `user_search` (the endpoint), `lucene`
//! - logs: `history` (generated), `log_types`, `log_row` (JSON), `odd_logs`,
//!   `log_id`, `logs` (the stream), `log_search` (the endpoint)
//! - `stats`, `token`, `rate_limit`
//! - the way of a request: `port`, `server`, `requests`, `route`, `query`, `answer`,
//!   `faults`, `delivery`, `wire`; `state` holds it all, `tenant` runs it
//!
//! ```
//! use auth0_tenant::{Clock, Endpoint, Fault, Options, Rule, Tenant};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let clock = Clock::fixed(1_787_220_000_000);
//! let tenant = Tenant::start(Options::default(), clock).await?;
//! let third_page_resets = Rule::on(Endpoint::Logs, Fault::ResetBeforeHeaders).nth(3);
//! let mut state = tenant.state();
//! state.fault(third_page_resets);
//! let someone = state.users().next().map(|user| user.id().to_owned());
//! state.at_request(5, move |state| {
//!     state.delete_user(&someone.unwrap_or_default());
//! });
//! # std::io::Result::Ok(()) })?;
//! # std::io::Result::Ok(())
//! ```

mod answer;
mod clock;
mod delivery;
mod endpoint;
mod faults;
mod gzip;
mod history;
mod instant;
mod log_id;
mod log_row;
mod log_search;
mod log_types;
mod logs;
mod lucene;
mod odd_logs;
mod odd_users;
mod options;
mod plan;
mod population;
mod port;
mod query;
mod random;
mod rate_limit;
mod requests;
mod route;
mod row;
mod server;
mod state;
mod stats;
mod tenant;
mod token;
mod user;
mod user_search;
mod users;
mod wire;

pub use answer::Answer;
pub use clock::Clock;
pub use endpoint::Endpoint;
pub use faults::{Fault, Rule};
pub use log_id::LogIds;
pub use logs::{LogEntry, NewLog};
pub use options::{Options, SlowSearch, StaleFrom};
pub use plan::{Limit, Limits, Plan, Refill, UnknownPlan};
pub use requests::Request;
pub use state::State;
pub use stats::DailyStats;
pub use tenant::{Announcement, Tenant};
pub use token::{ACCESS_TOKEN_MARK, CLIENT_SECRET_MARK};
pub use user::User;
