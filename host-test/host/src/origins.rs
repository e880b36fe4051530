//! Where a component may send requests: the origins that it names under a
//! configuration, within those that its manifest allows, and the routes that an
//! operator sets. Pure: nothing here opens a connection or resolves a name.

mod address_range;
mod denial;
mod egress;
mod proxy_fault;
mod public_address;
mod route;

pub use self::address_range::AddressRange;
pub use self::denial::{Denial, DenialReason, Insecurity};
pub use self::egress::{Allowed, Egress};
pub use self::proxy_fault::{ProxyFailure, ProxyFault};
pub use self::public_address::is_public;
pub use self::route::{Loopback, Route};
pub use rawdash_origins::{Origin, OriginError, OriginPattern, OriginPolicy, ResolvedOrigin};

#[cfg(test)]
mod tests;
