//! A host for rawdash connectors: it runs one in a sandbox and stores what it
//! brings, step by step, each step with the checkpoint after it.
//!
//! In reading order:
//! - [`contract`]: the types of the contract, as in `wit/`.
//! - [`component`]: a connector loaded once; [`metadata`]: what its file tells
//!   of its making; [`instance`]: one that runs; [`error`]: how it can break,
//!   and the limits it can meet.
//! - [`sandbox`]: what an instance may use, and how much.
//! - [`clock`]: the time it sees; [`origins`]: where it may send requests;
//!   [`transport`]: how they are sent.
//! - [`run`]: the loop from step to step; [`validation`]: what is refused;
//!   [`redaction`]: what is not told; [`report`]: what is.
//! - [`storage`]: what a run asks of the place where its records go;
//!   [`database`]: rawdash's SQLite schema as such a place.
//! - [`verify`]: whether a component keeps the contract, rule by rule.
//! - [`bench`]: how fast it is, against bounds and rivals.
//!
//! A whole command, with a storage of its own:
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use rawdash_host::clock::{SharedClock, SystemClock};
//! use rawdash_host::component::Connector;
//! use rawdash_host::contract::{Mode, Request};
//! use rawdash_host::report::Report;
//! use rawdash_host::run::{Asked, Settings, sync};
//! use rawdash_host::storage::Storage;
//!
//! async fn bring(
//!     component: &[u8],
//!     configuration: String,
//!     storage: &mut dyn Storage,
//! ) -> Result<Report, Box<dyn std::error::Error>> {
//!     let connector = Connector::load(component)?;
//!     let about = connector.describe().await?;
//!     let settings = Settings { configuration, ..Settings::default() };
//!     let request = Request { mode: Mode::Auto, since: None, resources: Vec::new() };
//!     let asked = Asked { request, max_wait: Duration::from_secs(300) };
//!     let clock: SharedClock = Arc::new(SystemClock::new());
//!     // A multi-threaded tokio runtime lets requests go on while it stores.
//!     Ok(sync(&connector, &about, &settings, &asked, &clock, storage, &mut ()).await)
//! }
//! ```

#![forbid(unsafe_code)]

pub mod bench;
pub mod cli;
pub mod clock;
pub mod component;
pub mod contract;
pub mod database;
pub mod error;
pub mod instance;
pub mod metadata;
pub mod origins;
pub mod redaction;
pub mod report;
pub mod run;
pub mod sandbox;
pub mod storage;
pub mod transport;
pub mod validation;
pub mod verify;
mod wasi_clocks;
mod wasi_http;
