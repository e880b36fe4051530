//! A host for rawdash connectors.

#![forbid(unsafe_code)]

pub mod clock;
pub mod component;
pub mod contract;
pub mod error;
pub mod instance;
pub mod origins;
pub mod sandbox;
pub mod storage;
pub mod transport;
mod wasi_clocks;
