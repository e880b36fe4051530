//! The Auth0 connector for rawdash, as a WebAssembly component: the connector of
//! `src/auth0`, exported by the SDK of `src/sdk`. Natively this crate is empty.

#[cfg(target_family = "wasm")]
rawdash_connector_sdk::export!(auth0_connector::Auth0);
