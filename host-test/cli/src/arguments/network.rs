//! The arguments that say how the network is used.

use clap::Args;

use crate::early_end::EarlyEnd;
use rawdash_host::origins::{AddressRange, Route};
use rawdash_host::transport::{Network, Proxies};

/// How requests reach the source.
#[derive(Clone, Debug, Args)]
pub struct NetworkArguments {
    /// Send the requests for ORIGIN, which the connector must declare, to a server
    /// on this machine
    #[arg(long = "route", value_name = "ORIGIN=URL")]
    pub routes: Vec<Route>,
    /// Ignore the proxies that the environment names
    #[arg(long)]
    pub no_proxy: bool,
    /// Permit that the name of an origin resolves to an address of this range, such
    /// as 10.1.0.0/16, although it is not on the public internet; may be repeated
    #[arg(long = "allow-private-address", value_name = "RANGE")]
    pub private_addresses: Vec<AddressRange>,
}

impl NetworkArguments {
    /// The network by these arguments and the environment.
    ///
    /// # Errors
    /// When the environment names a proxy that cannot be used.
    pub fn network(&self) -> Result<Network, EarlyEnd> {
        let proxies = if self.no_proxy {
            Proxies::default()
        } else {
            // A proxy whose address is not UTF-8 is an error, and not none.
            let value = |name: &str| Some(std::env::var_os(name)?.to_string_lossy().into_owned());
            Proxies::from_variables(value).map_err(EarlyEnd::configuration)?
        };
        let private_addresses = self.private_addresses.clone();
        Ok(Network { proxies, private_addresses, ..Network::default() })
    }
}
