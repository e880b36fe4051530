//! Syncs of a small scripted connector, against a source and a host in memory.

mod endings;
mod host;
mod property;
mod resuming;
mod rotation;
mod shop;
mod syncs;
mod waiting;
