//! rawdash's SQLite schema as the storage of a host: rawdash's own server opens the
//! file and computes its widgets. Tables of this crate's own hold what rawdash's
//! lack: the identity of events, staging, checkpoints, remembered origins.
//!
//! What is stored, and by which statements, is in `rawdash-schema`.
//!
//! In reading order: `opening`, `recognition` and `journal` (the file), `lock` (one writer
//! of a connector), `write_gap` (for writers of other kinds), [`Database`], `freshness`
//! (what rawdash reads of it), `write` (one batch).

mod adoption;
mod cells;
mod database;
mod freshness;
mod identity;
mod journal;
mod lock;
mod opening;
mod problem;
mod recognition;
mod scope;
mod staging;
mod storage;
mod timed;
mod write;
mod write_error;
mod write_gap;

#[cfg(test)]
mod sequences;
#[cfg(test)]
mod tests;

pub use database::Database;
pub use problem::OpenError;
