//! Opening connections: to the server that an operator's route names, through a
//! proxy, or to public and permitted addresses only.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use hyper::Uri;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use tower_service::Service;

use super::Traffic;
use super::network::Network;
use super::proxies::Proxies;
use super::tunnel::{Stream, Tunnels};
use crate::clock::SharedClock;
use crate::origins::{AddressRange, Allowed, Egress, is_public};

/// The certificate authorities that a server's certificate may come from.
#[derive(Clone, Debug, Default)]
pub enum Roots {
    /// Those of the machine, or those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name;
    /// where the machine has none, Mozilla's.
    #[default]
    System,
    /// These and no others.
    Only(Vec<CertificateDer<'static>>),
    /// Read already, by [`Roots::read`].
    Read(Arc<ClientConfig>),
}

impl Roots {
    /// The same authorities, read once. The syncs of one process then share them, and
    /// what they remember of their servers, by which a later connection to the same
    /// server needs a shorter handshake.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn read(&self) -> io::Result<Roots> {
        Ok(Roots::Read(Arc::new(trusted(self)?)))
    }
}

pub(super) type Connector = HttpsConnector<Dialer>;

/// A connector for the origins and routes of `egress`.
pub(super) fn connector(
    egress: &Egress,
    network: &Network,
    traffic: Traffic,
    clock: SharedClock,
) -> io::Result<Connector> {
    let tls = tls(egress, &network.roots)?;
    let dialer = Dialer::new(egress, network, Tunnels::new(tls.clone(), clock), traffic);
    Ok(HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_all_versions()
        .wrap_connector(dialer))
}

/// A connector to one server of the operator's, on this machine where there is a route
/// to it, and otherwise at whatever address its name has.
pub(super) fn connector_to(
    route: Option<(String, SocketAddr)>,
    secure: bool,
    network: &Network,
    clock: SharedClock,
) -> io::Result<Connector> {
    let tls = if secure { trusted(&network.roots)? } else { trusting(RootCertStore::empty())? };
    let tunnels = Tunnels::new(tls.clone(), clock);
    let tcp = tcp(PermittedNames { resolver: GaiResolver::new(), permitted: Permitted::All });
    let (routes, proxies) = (Arc::new(route.into_iter().collect()), network.proxies.clone());
    let dialer = Dialer { tcp, routes, proxies, tunnels, traffic: Traffic::default() };
    Ok(HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_all_versions()
        .wrap_connector(dialer))
}

fn tls(egress: &Egress, roots: &Roots) -> io::Result<ClientConfig> {
    let plain = |allowed: &Allowed| allowed.route.is_some_and(|route| !route.https);
    if egress.allowed().iter().all(plain) {
        // Reading the machine's certificates takes longer than the rest of the
        // start.
        return trusting(RootCertStore::empty());
    }
    trusted(roots)
}

fn trusted(roots: &Roots) -> io::Result<ClientConfig> {
    match roots {
        Roots::Only(certificates) => {
            let mut store = RootCertStore::empty();
            for certificate in certificates {
                store.add(certificate.clone()).map_err(io::Error::other)?;
            }
            trusting(store)
        }
        Roots::System => system_roots(),
        Roots::Read(trusted) => Ok(trusted.as_ref().clone()),
    }
}

/// Names the provider, because the default one is looked up in the process, and
/// the lookup panics if another crate has installed a second one.
fn builder() -> io::Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)
}

fn trusting(roots: RootCertStore) -> io::Result<ClientConfig> {
    Ok(builder()?.with_root_certificates(roots).with_no_client_auth())
}

fn system_roots() -> io::Result<ClientConfig> {
    let with_roots = match builder()?.with_native_roots() {
        Ok(with_roots) => with_roots,
        // Where the operator names authorities, others must not be trusted instead.
        Err(error) if NAMING_ROOTS.iter().any(|name| std::env::var_os(name).is_some()) => {
            return Err(io::Error::other(format!(
                "{error}; let SSL_CERT_FILE name a PEM file, or SSL_CERT_DIR a directory of them"
            )));
        }
        Err(_) => builder()?.with_webpki_roots(),
    };
    Ok(with_roots.with_no_client_auth())
}

/// The variables by which an operator names certificate authorities.
const NAMING_ROOTS: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// Opens TCP connections. The name in the URI stays the origin's; only the
/// address is the route's.
#[derive(Clone)]
pub(super) struct Dialer {
    tcp: HttpConnector<PermittedNames>,
    routes: Arc<HashMap<String, SocketAddr>>,
    proxies: Proxies,
    tunnels: Tunnels,
    traffic: Traffic,
}

impl Dialer {
    fn new(egress: &Egress, network: &Network, tunnels: Tunnels, traffic: Traffic) -> Self {
        let permitted = Permitted::These(network.private_addresses.clone().into());
        let tcp = tcp(PermittedNames { resolver: GaiResolver::new(), permitted });
        let routed = egress
            .allowed()
            .iter()
            .filter_map(|allowed| Some((allowed.origin.host().to_owned(), allowed.route?.address)));
        let (routes, proxies) = (Arc::new(routed.collect()), network.proxies.clone());
        Dialer { tcp, routes, proxies, tunnels, traffic }
    }

    /// A route goes before a proxy: it leads to this machine.
    async fn dial(&mut self, uri: Uri) -> Result<Stream, BoxError> {
        let host = uri.host().unwrap_or_default();
        if let Some(address) = self.routes.get(host) {
            let address = Uri::builder().scheme("http").authority(address.to_string());
            let address = address.path_and_query("/").build()?;
            return Ok(MaybeHttpsStream::Http(self.tcp.call(address).await?));
        }
        match self.proxies.for_host(host) {
            Some(proxy) => {
                let own = if uri.scheme_str() == Some("http") { 80 } else { 443 };
                Ok(self.tunnels.open(proxy, host, uri.port_u16().unwrap_or(own)).await?)
            }
            None => Ok(MaybeHttpsStream::Http(self.tcp.call(uri).await?)),
        }
    }
}

fn tcp(names: PermittedNames) -> HttpConnector<PermittedNames> {
    let mut tcp = HttpConnector::new_with_resolver(names);
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl Service<Uri> for Dialer {
    type Response = Stream;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let mut dialer = self.clone();
        Box::pin(async move {
            let stream = dialer.dial(uri).await?;
            dialer.traffic.count_connection();
            Ok(stream)
        })
    }
}

/// Resolves names and refuses those that resolve to a private address which the
/// operator does not permit. Otherwise a public DNS name would be enough to point a
/// component at a machine that trusts its local network. The address that is checked
/// is the one that is dialled.
#[derive(Clone)]
pub(super) struct PermittedNames {
    resolver: GaiResolver,
    permitted: Permitted,
}

/// The private addresses that names may resolve to.
#[derive(Clone)]
enum Permitted {
    /// All: the operator named the server.
    All,
    /// Those in these ranges.
    These(Arc<[AddressRange]>),
}

impl Service<Name> for PermittedNames {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = NameError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, NameError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NameError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let PermittedNames { mut resolver, permitted } = self.clone();
        Box::pin(async move {
            let found = resolver.call(name).await.map_err(NameError::Unknown)?;
            let found = found.collect();
            match permitted {
                Permitted::All => Ok(found),
                Permitted::These(ranges) => check_addresses(found, &ranges),
            }
            .map(Vec::into_iter)
        })
    }
}

/// The addresses of a name, if all of them are public or permitted.
fn check_addresses(
    addresses: Vec<SocketAddr>,
    permitted: &[AddressRange],
) -> Result<Vec<SocketAddr>, NameError> {
    let may = |ip| is_public(ip) || permitted.iter().any(|range| range.contains(ip));
    match addresses.iter().find(|address| !may(address.ip())) {
        Some(private) => Err(NameError::Private(private.ip().to_canonical())),
        None => Ok(addresses),
    }
}

/// Why a name has no usable address.
#[derive(Debug)]
pub(super) enum NameError {
    /// It cannot be resolved.
    Unknown(io::Error),
    /// It resolves to an address that is neither public nor permitted.
    Private(IpAddr),
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NameError::Unknown(error) => write!(f, "the name cannot be resolved: {error}"),
            NameError::Private(address) => write!(f, "the name resolves to {address}"),
        }
    }
}

impl std::error::Error for NameError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn permitted(address: &str, ranges: &[&str]) -> Result<(), String> {
        let address = SocketAddr::new(address.parse().unwrap(), 443);
        let ranges: Vec<AddressRange> = ranges.iter().map(|range| range.parse().unwrap()).collect();
        check_addresses(vec![address], &ranges).map(drop).map_err(|error| error.to_string())
    }

    #[test]
    fn a_private_address_is_reached_only_within_a_range_that_the_operator_permits() {
        for (address, range) in [
            ("198.18.0.5", "198.18.0.0/15"),
            ("100.64.1.1", "100.64.1.1"),
            ("10.1.2.3", "10.1.2.0/24"),
            ("::ffff:10.1.2.3", "10.1.2.3/32"),
            ("fd12::5", "fd12::/16"),
        ] {
            let told = permitted(address, &[]).unwrap_err();
            assert!(told.ends_with(address.trim_start_matches("::ffff:")), "{told}");
            assert_eq!(permitted(address, &["192.168.0.0/16", range]), Ok(()), "{address}");
            assert!(permitted(address, &["10.1.3.0/24", "198.20.0.0/16"]).is_err(), "{address}");
        }
        assert_eq!(permitted("1.1.1.1", &[]), Ok(()));
    }

    #[test]
    fn one_address_that_is_not_permitted_is_enough_to_refuse_a_name() {
        let addresses = ["1.1.1.1:443", "10.1.2.3:443", "10.9.9.9:443"].map(|a| a.parse().unwrap());
        let error = check_addresses(addresses.to_vec(), &["10.1.0.0/16".parse().unwrap()]);
        assert_eq!(error.unwrap_err().to_string(), "the name resolves to 10.9.9.9");
    }
}
