//! The values of an HTTP exchange: requests, answers, and how an answer is sent.

mod answer;
mod body;
mod delivery;
mod endpoint;
mod gzip;
mod parameters;
mod raw_byte;
mod request;
mod wire;

pub use answer::Answer;
pub(crate) use body::{Broken, OnStall, Outgoing};
pub(crate) use delivery::{Delivery, Pace};
pub use endpoint::Endpoint;
pub(crate) use gzip::gzip;
pub(crate) use parameters::{Fields, Parameters};
pub use raw_byte::LATIN1_E_ACUTE;
pub(crate) use raw_byte::with_raw_bytes;
pub(crate) use request::Incoming;
pub use request::Request;
pub(crate) use wire::{Switch, Wire};
