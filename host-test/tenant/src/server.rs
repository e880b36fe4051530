//! The HTTP/1.1 server on loopback.

mod connections;
mod exchange;
mod port;
mod route;
mod shared;

pub(crate) use connections::{Listen, run};
pub(crate) use port::Port;
pub(crate) use shared::Shared;
