//! What every connector needs and none wants to write:
//!
//! - `contract`: the types of `wit/`, and `export!` for the component;
//! - `configuration`: its members one by one, every issue told at once;
//! - `checkpoint`: a state as text that tells whether it was altered;
//! - `clock`: the host's time;
//! - `http`: one request and its answer, over `wasi:http`;
//! - `slot`: where a connector keeps its state from call to call.
#![cfg(any(target_family = "wasm", feature = "native"))]

pub mod checkpoint;
pub mod clock;
pub mod configuration;
pub mod contract;
pub mod http;
pub mod slot;

pub use contract::bindings::export;
