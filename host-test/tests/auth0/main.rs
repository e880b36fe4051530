//! The Auth0 connector against a simulated tenant: for every way in which rows
//! could be lost, a test that they are not.
// clippy's leave for tests ends at the test functions; these are their hands.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../support/mod.rs"]
mod support;

mod access;
mod configuration;
mod deletions;
mod events;
mod limits;
mod resume;
mod stats;
mod users;
