//! A host for rawdash connectors, as a library: it runs a connector in a sandbox
//! and stores what the connector returns step by step, each step together with
//! the checkpoint after it.
//!
//! In reading order:
//! - [`contract`]: the types of the contract, as in `wit/`.
//! - [`component`]: a connector, loaded once; `compiled`, with the feature `cache`:
//!   one that is compiled ahead; [`metadata`]: what its file says about its origin; [`instance`]: one that runs; [`error`]: how it can crash,
//!   and the limits that it can reach; [`machine`]: the limits of the machine.
//! - [`sandbox`]: what an instance may use, and how much.
//! - [`clock`]: the time it sees; [`origins`]: where it may send requests;
//!   [`transport`]: how they are sent, with proxies and certificate authorities.
//! - [`run`]: a sync and the loop in it; [`stop`]: what ends it early;
//!   [`validation`]: which batches are refused; [`redaction`]: keeping secrets out
//!   of messages; [`report`] and [`failure`]: the outcome.
//! - [`storage`]: the interface through which a sync stores its records.
//!
//! Your own host loads a component from a file and stores its records in your own
//! [`storage::Storage`]. `host-test/examples/embed` is a complete one:
//!
//! ```no_run
//! use std::path::Path;
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use rawdash_host::clock::{SharedClock, SystemClock};
//! use rawdash_host::component::Connector;
//! use rawdash_host::contract::Secret;
//! use rawdash_host::failure::Exit;
//! use rawdash_host::run::{Selection, Settings, Sync, SyncOptions};
//! use rawdash_host::stop::StopSignal;
//! use rawdash_host::storage::Storage;
//!
//! async fn sync(storage: &mut dyn Storage, client_secret: String) -> Result<(), String> {
//!     let connector = Connector::load_file(Path::new("auth0.wasm")).map_err(|e| e.to_string())?;
//!     let about = connector.describe().await.map_err(|e| e.to_string())?;
//!     let settings = Settings {
//!         configuration: r#"{ "domain": "acme.eu.auth0.com", "clientId": "…",
//!                             "clientSecret": { "$secret": "S" } }"#.to_owned(),
//!         secrets: vec![Secret { name: "S".to_owned(), value: client_secret }],
//!         ..Settings::default()
//!     };
//!     let request = Selection::default();
//!     let options = SyncOptions { request, max_wait: Duration::from_secs(300), budget: None };
//!     let clock: SharedClock = Arc::new(SystemClock::new());
//!     let sync = Sync {
//!         connector: &connector,
//!         about: &about,
//!         settings: &settings,
//!         options: &options,
//!         clock: &clock,
//!         stop: &StopSignal::new(),
//!     };
//!     let report = sync.run(storage, &mut ()).await;
//!     if report.exit() == Exit::Done { Ok(()) } else { Err(format!("{report:?}")) }
//! }
//! ```

#![forbid(unsafe_code)]

#[cfg(feature = "cache")]
mod cache;
pub mod clock;
#[cfg(feature = "cache")]
pub mod compiled;
pub mod component;
pub mod contract;
mod engine;
pub mod error;
pub mod failure;
pub mod instance;
pub mod machine;
pub mod metadata;
pub mod origins;
pub mod redaction;
pub mod report;
pub mod run;
pub mod sandbox;
pub mod stop;
pub mod storage;
pub mod transport;
pub mod validation;
mod wasi_clocks;
mod wasi_http;

/// The attribute for implementations of [`storage::Storage`], which has async
/// functions.
pub use async_trait::async_trait;
