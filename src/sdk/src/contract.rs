//! What host and connector exchange, as plain values: the contract
//! `rawdash:connector@0.2.0` in Rust.

pub mod batch;
pub mod configuration;
pub mod failure;
pub mod manifest;
pub mod records;
pub mod request;
pub mod step;
