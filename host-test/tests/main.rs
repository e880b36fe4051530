//! Every test that goes through the component, the host or the command, as one
//! program: linking wasmtime once instead of for each file saves minutes.
//!
//! `cargo test -p rawdash-host-cli --test suite faults:: -- --nocapture` runs a
//! part of it. No test may depend on how busy the machine is.
// clippy's leave for tests ends at the test functions; these are their hands.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

mod auth0;
mod budget;
mod command_line;
mod confinement;
mod costs;
mod dashboard;
mod database;
mod faults;
mod growth;
mod hostile_input;
mod interruptions;
mod libsql;
mod node_limits;
mod operating;
mod outages;
mod processes;
mod proxies;
mod readers;
mod release;
mod rotation;
mod run;
mod sandbox;
mod secrets;
mod seeds;
mod tls;
mod verify;
mod weather;
mod whole_tenant;
