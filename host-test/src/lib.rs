//! A host for rawdash connectors.

#![forbid(unsafe_code)]

pub mod contract;
pub mod storage;
