//! A host for rawdash connectors.

#![forbid(unsafe_code)]

pub mod clock;
pub mod component;
pub mod contract;
pub mod error;
pub mod instance;
pub mod origins;
pub mod redaction;
pub mod report;
pub mod run;
pub mod sandbox;
pub mod storage;
pub mod transport;
pub mod validation;
mod wasi_clocks;
