//! Lenient reading of JSON whose members can be of any type.

pub mod anomalies;
pub mod cell;
pub mod object;
