//! The Auth0 connector for rawdash, as a WebAssembly component.
//!
//! The crate `auth0-connector` (`src/auth0`) is the connector, written with the
//! crate `rawdash-connector-sdk` (`src/sdk`); this one exports it.

rawdash_connector_sdk::export!(auth0_connector::Auth0);
