//! Lenient reading of JSON whose members can be of any type, and the writing of
//! attributes.

pub mod anomalies;
pub mod cell;
pub mod object;

pub use json_rows::{Raw, Text, Value, object};
