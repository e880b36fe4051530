//! What a rawdash connector is written with.

pub mod config;
pub mod paging;
