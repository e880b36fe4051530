//! Hostile input for the Auth0 connector and its SDK: a target for each place where
//! text from outside is read, and one for whole syncs.
//!
//! A target takes any bytes and panics when a promise is broken; that the connector
//! itself does not panic is the first of them. `tests/replay.rs` runs each over
//! its corpus in `cargo test`; `libfuzzer/` lets a fuzzer search for more.
//!
//! - What is read: [`json_text()`], [`configuration()`], [`checkpoint()`], [`token_answer()`],
//!   [`users_page()`], [`logs_page()`], [`stats_page()`], [`response_headers()`],
//!   [`links()`].
//! - Syncs fed with any answers in any order: [`session()`], and how its input is
//!   written: [`script`].
//! - `drive` is the host that most targets share, `answers` the tenant;
//!   what must hold is in `ledger` (the steps, by the contract), `batches` (what a
//!   host accepts) and `requests` (of the tenant and no other host).
//! - [`seal`] and [`parts`]: checkpoints of any state, with a valid checksum.

mod answers;
mod asked;
mod batches;
mod checkpoint;
mod configuration;
mod drive;
mod every_kind;
mod json_text;
mod ledger;
mod links;
mod logs_page;
pub mod parts;
mod requests;
mod response_headers;
pub mod script;
pub mod seal;
mod session;
mod stats_page;
mod tenant;
mod token_answer;
mod users_page;

pub use checkpoint::checkpoint;
pub use configuration::configuration;
pub use json_text::json_text;
pub use links::links;
pub use logs_page::logs_page;
pub use response_headers::response_headers;
pub use session::session;
pub use stats_page::stats_page;
pub use token_answer::token_answer;
pub use users_page::users_page;

/// Takes any bytes; panics when a promise is broken.
pub type Target = fn(&[u8]);

/// Every target, by the name of its corpus directory.
pub const TARGETS: [(&str, Target); 10] = [
    ("checkpoint", checkpoint),
    ("configuration", configuration),
    ("json_text", json_text),
    ("links", links),
    ("logs_page", logs_page),
    ("response_headers", response_headers),
    ("session", session),
    ("stats_page", stats_page),
    ("token_answer", token_answer),
    ("users_page", users_page),
];
