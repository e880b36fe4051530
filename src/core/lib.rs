//! The Auth0 connector's decisions, without I/O: time and replies come in as
//! values, requests and records go out.
//!
//! In reading order:
//!
//! - [`configuration`]: what the connector is configured with; [`manifest`]:
//!   how it describes itself; [`resource`]: what it syncs.
//! - [`auth0`]: the requests to Auth0 and the forms of its replies.
//! - [`rawdash`]: the records that rawdash stores, and how rows become records.
//! - [`sync`]: how a sync proceeds, from plan to request to reply to step, and
//!   what of it the checkpoint holds.
//! - [`check`]: whether credentials and scopes suffice.
//! - [`engine`]: what any connector needs and nothing of Auth0: lanes, access
//!   tokens, the rate limit, the checkpoint's envelope.
//! - [`json`]: lenient reading of JSON; the package `json-rows` scans the text.

pub mod auth0;
pub mod check;
pub mod configuration;
pub mod engine;
pub mod json;
pub mod manifest;
pub mod rawdash;
pub mod resource;
pub mod sync;
