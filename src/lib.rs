//! The Auth0 connector for rawdash, as a WebAssembly component.
//!
//! `auth0-connector` is the connector; `rawdash-connector-sdk` runs it, sends its
//! requests and exports the contract. Natively this crate is empty.

rawdash_connector_sdk::export!(auth0_connector::Auth0);
