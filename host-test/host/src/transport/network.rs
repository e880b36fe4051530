//! The network around this machine.

use super::connect::Roots;
use super::proxies::Proxies;
use crate::origins::AddressRange;

/// The network between this machine and the origins. The default has no proxy,
/// trusts the machine's certificate authorities and refuses private addresses.
///
/// It does not change which origins a component may reach, only how, and at which
/// addresses.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// The certificate authorities to trust.
    pub roots: Roots,
    /// The proxies that requests go through. A proxy resolves the names itself, so
    /// the addresses behind it are not checked.
    pub proxies: Proxies,
    /// The ranges outside of the public internet that the name of an origin may
    /// resolve to.
    pub private_addresses: Vec<AddressRange>,
}
