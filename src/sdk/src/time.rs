//! Instants and days.
//!
//! Two clocks are distinguished by type: a [`timestamp::Timestamp`] is a time of
//! day, the source's or the host's, and an [`instant::Instant`] is read from a
//! clock that only goes forward.

pub mod instant;
pub mod moment;
mod rfc3339;
pub mod timestamp;
