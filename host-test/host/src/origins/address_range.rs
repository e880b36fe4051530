//! A range of addresses that names may resolve to although it is not public.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

use rawdash_origins::OriginError;

/// An operator's range of addresses that are not on the public internet and to
/// which an origin's name may resolve all the same.
///
/// ```
/// use rawdash_host::origins::AddressRange;
///
/// let range: AddressRange = "10.1.0.0/16".parse()?;
/// assert!(range.contains("10.1.2.3".parse().unwrap()));
/// assert!(!range.contains("10.2.0.1".parse().unwrap()));
/// # Ok::<(), rawdash_host::origins::OriginError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange(IpNet);

impl AddressRange {
    /// Whether the address is in the range. An IPv4 address may be written as IPv6.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for AddressRange {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let single = || text.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()));
        let range = text.parse::<IpNet>().or_else(|_| single());
        let range = range.map_err(|_| OriginError::Range { text: text.to_owned() })?;
        Ok(AddressRange(range.trunc()))
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
