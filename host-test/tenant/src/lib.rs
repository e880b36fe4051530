//! A simulated Auth0 tenant: the Management API with its inconvenient
//! behaviour, over real HTTP/1.1 on 127.0.0.1.
//!
//! A tenant is generated from a seed and a time, and is the same each time. It
//! has its own [`Clock`], which tests control. While it runs, [`Tenant::state`]
//! gives access to its contents: users change and disappear, log rows arrive
//! late, secrets are rotated, and [`Rule`]s make chosen requests fail.
//!
//! Where things are:
//! - [`Options`] describe a tenant, [`Tenant`] runs it, [`State`] is what it
//!   contains and how a test changes it
//! - `users`, `logs`, `stats`, `token`: one folder for each part of the API,
//!   with its data and its endpoint; `lucene` is the search syntax of both
//! - `rate_limit`: the plans and their buckets
//! - `http`: requests and answers as values; `server`: the sockets, and the
//!   path from a request to its answer; `faults`: what goes wrong on the way
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

mod clock;
mod faults;
mod http;
mod instant;
mod logs;
mod lucene;
mod options;
mod random;
mod rate_limit;
mod row;
mod server;
mod state;
mod stats;
mod tenant;
mod token;
mod users;

pub use clock::Clock;
pub use faults::{Fault, Rule, RuleId};
pub use http::{Answer, Endpoint, LATIN1_E_ACUTE, Request};
pub use logs::{LogEntry, LogIds, LogMix, NewLog};
pub use options::{Options, SlowSearch, StaleFrom};
pub use rate_limit::{Limit, Limits, Plan, Refill, UnknownPlan};
pub use state::{Day, State};
pub use stats::DailyStats;
pub use tenant::{Announcement, Tenant};
pub use token::{ACCESS_TOKEN_MARK, CLIENT_SECRET_MARK};
pub use users::{Hidden, User};
