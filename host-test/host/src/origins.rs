//! Where a component may send requests: the origins that it names under a
//! configuration, within those that its manifest allows, and the routes that an
//! operator sets. Pure: nothing here opens a connection or resolves a name.

mod address_range;
mod denial;
mod egress;
mod origin;
mod origin_error;
mod pattern;
mod policy;
mod proxy_fault;
mod public_address;
mod route;

pub use self::address_range::AddressRange;
pub use self::denial::{Denial, DenialReason, Insecurity};
pub use self::egress::{Allowed, Egress};
pub use self::origin::Origin;
pub use self::origin_error::OriginError;
pub use self::pattern::{OriginPattern, ResolvedOrigin};
pub use self::policy::OriginPolicy;
pub use self::proxy_fault::{ProxyFailure, ProxyFault};
pub use self::public_address::is_public;
pub use self::route::{Loopback, Route};

#[cfg(test)]
mod tests;
