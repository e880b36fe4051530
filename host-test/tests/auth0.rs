//! The Auth0 connector against a simulated tenant: for every way in which rows
//! could be lost, a test that they are not.

mod access;
mod configuration;
mod deletions;
mod events;
mod limits;
mod resume;
mod stats;
mod users;
