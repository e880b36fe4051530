//! The Auth0 connector: users, login events and daily statistics of a tenant.
//!
//! Three things in three places:
//!
//! - [`api`]: what Auth0 says, as requests, pages and refusals;
//! - [`records`]: what rawdash stores, and how rows become records;
//! - [`resources`]: how a run proceeds, a folder for each resource.
//!
//! [`configuration`] is what the connector is configured with, and [`connector`]
//! joins all of it for the engine.

pub mod api;
pub mod configuration;
pub mod connector;
pub mod records;
pub mod resources;

pub use connector::Auth0;
