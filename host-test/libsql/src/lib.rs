//! rawdash's schema on a libSQL server as the storage of a host: rawdash's own libSQL
//! adapter reads it. The tables and statements are those of `rawdash-schema`; a file
//! that `rawdash-sqlite` made can be moved to a server.
//!
//! Every step is one transaction, sent in one request unless it is large or its rows
//! have to be compared with stored ones. It begins with the `fence`: of several writers
//! of a connector, exactly one goes on. Nothing is locked between steps, so a writer that
//! dies keeps nobody waiting, and one process may have hundreds of syncs.
//!
//! In reading order: [`Server`] and its address, `hrana` (the protocol), `link` (requests
//! and what their failures mean), `transaction`, `fence`, `opening`, [`Database`], `write`
//! (one batch).
//!
//! The protocol, Hrana 3 over HTTP, is spoken with the host's own HTTP client: it has the
//! operator's certificate authorities and proxies. The crate `libsql` would bring a second
//! HTTP stack (hyper 0.14 and its TLS) and hides the conditions by which a transaction
//! depends on its fence; `hrana-client` speaks WebSocket only and is no longer maintained.

#![forbid(unsafe_code)]

mod database;
mod fence;
mod hrana;
mod link;
mod opening;
mod query;
mod scope;
mod server;
mod staging;
mod storage;
mod tally;
mod timed;
mod transaction;
mod write;
mod writer;

pub use database::Database;
pub use opening::{OpenError, Options};
pub use server::{Patience, Server, UnusableServer};
