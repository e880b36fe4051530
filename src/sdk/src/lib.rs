//! What a rawdash connector is written with.
//!
//! A connector is a type that implements [`connector::Connector`]: what it is,
//! how it is configured, how it authenticates, and how the answers of its source
//! are judged. Each of its resources is a type that implements
//! [`resource::Resource`]: what it requests next, and what an answer leads to.
//! The [`engine`] does the rest.
//!
//! Everything here is plain Rust without I/O: time and replies come in as
//! values, requests and steps go out. Only `wasm`, which exists only in a
//! component, sends the requests and exports the contract.
//!
//! In reading order:
//!
//! - [`connector`], [`resource`] and [`authentication`]: the traits that a
//!   connector implements;
//! - [`auth`]: the kinds of authentication;
//! - [`config`]: a configuration, from one declaration; [`paging`]: how a list is
//!   read page by page;
//! - [`contract`]: what host and connector exchange, as plain values;
//! - [`http`]: requests, and the replies to them;
//! - [`json`]: lenient reading of JSON; [`time`]: instants and days;
//! - `script`: a scripted source and a host in memory, for tests;
//! - [`engine`]: runs, lanes, attempts, the rate limit, the checkpoint.

pub mod auth;
pub mod authentication;
pub mod census;
pub mod config;
pub mod connector;
pub mod contract;
pub mod engine;
mod export;
mod hash;
pub mod http;
pub mod json;
pub mod paging;
pub mod prelude;
pub mod resource;
#[cfg(not(target_family = "wasm"))]
pub mod script;
pub mod time;
#[cfg(target_family = "wasm")]
pub mod wasm;
