//! The Auth0 connector for rawdash, as a WebAssembly component.
//!
//! A pure core and a thin shell, in reading order:
//!
//! - [`configuration`]: what the connector is told; [`manifest`]: what it is;
//!   [`resource`]: what it brings.
//! - [`auth0`]: what Auth0 is asked, and what it answers.
//! - [`rawdash`]: what rawdash wants, and how rows become records.
//! - [`run`]: how a run proceeds, from plan to request to answer to step, and
//!   what of it the checkpoint keeps.
//! - [`check`]: whether credentials and scopes suffice.
//! - `json-rows`, a package of its own: goes over the text of a page.
//! - `wasi_http`: the one module that speaks WASI; `component`: the one that
//!   knows the generated bindings. Both exist only in the component.
//!
//! Nothing outside of those two does I/O or reads a clock: time is a value.

pub mod auth0;
pub mod check;
pub mod configuration;
pub mod manifest;
pub mod rawdash;
pub mod resource;
pub mod run;
pub mod small_map;
pub mod timestamp;

#[cfg(target_family = "wasm")]
mod component;
#[cfg(target_family = "wasm")]
mod wasi_http;
