//! The Auth0 connector for rawdash, as a WebAssembly component.
//!
//! The component is a thin shell around `auth0-connector-core`, which decides
//! everything and does no I/O:
//!
//! - `component` exports the world, and alone knows the generated bindings;
//! - `wasi_http` sends the requests and reads the clocks, and alone uses WASI.
//!
//! Both exist only in the component: natively this crate is empty.

#[cfg(target_family = "wasm")]
mod component;
#[cfg(target_family = "wasm")]
mod wasi_http;
