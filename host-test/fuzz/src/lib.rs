//! Hostile input for the Auth0 connector's core: a target for each place where
//! text from outside is read, and one for all of a run.
//!
//! A target takes any bytes and panics when a promise is broken; that the core
//! itself does not panic is the first of them. `tests/replay.rs` runs each over
//! its corpus in `cargo test`; `libfuzzer/` lets a fuzzer look for more.
//!
//! - What is read: [`configuration`], [`checkpoint`], [`token_answer`],
//!   [`users_page`], [`logs_page`], [`stats_page`], [`response_headers`].
//! - A run fed with any answers in any order: [`session`], and how its input is
//!   written: [`script`].
//! - What must hold: `batches` (what a host accepts), `requests` (the tenant's
//!   and no other), `seal` (a checkpoint of any state, its sum right).

mod batches;
mod checkpoint;
mod configuration;
mod logs_page;
mod requests;
mod response_headers;
pub mod script;
mod seal;
mod session;
mod stats_page;
mod tenant;
mod token_answer;
mod users_page;

pub use checkpoint::checkpoint;
pub use configuration::configuration;
pub use logs_page::logs_page;
pub use response_headers::response_headers;
pub use seal::{sealed, state_of};
pub use session::session;
pub use stats_page::stats_page;
pub use token_answer::token_answer;
pub use users_page::users_page;

/// Takes any bytes; panics when a promise is broken.
pub type Target = fn(&[u8]);

/// Every target, by the name of its corpus directory.
pub const TARGETS: [(&str, Target); 8] = [
    ("checkpoint", checkpoint),
    ("configuration", configuration),
    ("logs_page", logs_page),
    ("response_headers", response_headers),
    ("session", session),
    ("stats_page", stats_page),
    ("token_answer", token_answer),
    ("users_page", users_page),
];
