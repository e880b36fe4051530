//! A host for rawdash connectors.

#![forbid(unsafe_code)]

pub mod contract;
pub mod database;
pub mod storage;
