//! The contract without the SDK, which would not let a connector break it: what
//! the test component of the conformance kit is written with.
//!
//! - `contract`: the types of `wit/`, and `export!` for the component;
//! - `configuration`: reads members one by one and reports every issue at once;
//! - `checkpoint`: a state as text, with a checksum that detects alterations;
//! - `clock`: the host's time;
//! - `http`: one request and its response, over `wasi:http`;
//! - `slot`: where a connector keeps its state between calls.
#![cfg(target_family = "wasm")]

pub mod checkpoint;
pub mod clock;
pub mod configuration;
pub mod contract;
pub mod http;
pub mod slot;

pub use contract::bindings::export;
