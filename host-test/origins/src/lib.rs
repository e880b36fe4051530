//! Which origins a connector may reach: those that it names under a
//! configuration, within those that its manifest allows. Every host that confines
//! connectors decides by this crate, also the egress component, so it does no I/O
//! and compiles for WebAssembly.

#![forbid(unsafe_code)]

mod destination;
mod gate;
mod origin;
mod origin_error;
mod pattern;
mod policy;

pub use self::destination::{Refusal, destination, is_plain_path};
pub use self::gate::Gate;
pub use self::origin::Origin;
pub use self::origin_error::OriginError;
pub use self::pattern::{OriginPattern, ResolvedOrigin};
pub use self::policy::OriginPolicy;

#[cfg(test)]
mod tests;
