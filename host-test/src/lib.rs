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
//! - [`mod@bench`]: how fast it is, against bounds and rivals.
//!
//! A whole command, from a simulated tenant into a database. Another host gives
//! [`run::sync`] a [`storage::Storage`] of its own, and no routes.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use auth0_tenant::{Clock, Options, Tenant};
//! use rawdash_host::clock::{SharedClock, SystemClock};
//! use rawdash_host::component::{Connector, EMBEDDED};
//! use rawdash_host::contract::{Mode, Request, Secret};
//! use rawdash_host::database::Database;
//! use rawdash_host::report::Outcome;
//! use rawdash_host::run::{Asked, Settings, sync};
//!
//! // A multi-threaded runtime lets requests go on while it stores.
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let options = Options { users: 3, logs: 0, odd: false, ..Options::default() };
//!     let tenant = Tenant::start(options, Clock::system()).await?;
//!
//!     let connector = Connector::load(EMBEDDED)?;
//!     let about = connector.describe().await?;
//!     let settings = Settings {
//!         configuration: format!(
//!             r#"{{ "domain": "{}", "clientId": "{}", "clientSecret": {{ "$secret": "S" }} }}"#,
//!             tenant.domain(),
//!             tenant.client_id(),
//!         ),
//!         secrets: vec![Secret { name: "S".into(), value: tenant.client_secret() }],
//!         routes: vec![format!("https://{{/domain}}={}", tenant.url()).parse()?],
//!         ..Settings::default()
//!     };
//!     let request = Request { mode: Mode::Auto, since: None, resources: vec!["auth0_user".into()] };
//!     let asked = Asked { request, max_wait: Duration::from_secs(300) };
//!     let clock: SharedClock = Arc::new(SystemClock::new());
//!     let directory = tempfile::tempdir()?;
//!     let mut storage = Database::open(&directory.path().join("rawdash.sqlite"), "auth0")?;
//!
//!     let report = sync(&connector, &about, &settings, &asked, &clock, &mut storage, &mut ()).await;
//!     assert_eq!(report.outcome(), Outcome::Done);
//!     assert_eq!(report.resources["auth0_user"].records, 3);
//!     Ok(())
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
