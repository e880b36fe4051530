//! Opening connections: to public addresses only, or to the server that an
//! operator's route names.

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
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use super::Traffic;
use crate::origins::{Egress, is_public};

/// The certificate authorities that a server's certificate may come from.
#[derive(Clone, Debug, Default)]
pub enum Roots {
    /// Those of the machine; where it has none, Mozilla's.
    #[default]
    System,
    /// These and no others.
    Only(Vec<CertificateDer<'static>>),
}

pub(super) type Connector = HttpsConnector<Dialer>;

/// A connector for the origins and routes of `egress`.
pub(super) fn connector(egress: &Egress, roots: &Roots, traffic: Traffic) -> io::Result<Connector> {
    let plain = |allowed: &crate::origins::Allowed| allowed.route.is_some_and(|route| !route.https);
    if egress.allowed().iter().all(plain) {
        // Reading the machine's certificates takes longer than the rest of the
        // start.
        return Ok(with_tls(trusting(RootCertStore::empty())?, Dialer::new(egress, traffic)));
    }
    let tls = match roots {
        Roots::Only(certificates) => {
            let mut store = RootCertStore::empty();
            for certificate in certificates {
                store.add(certificate.clone()).map_err(io::Error::other)?;
            }
            trusting(store)?
        }
        Roots::System => system_roots()?,
    };
    Ok(with_tls(tls, Dialer::new(egress, traffic)))
}

fn with_tls(tls: ClientConfig, dialer: Dialer) -> Connector {
    HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_all_versions()
        .wrap_connector(dialer)
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
        Err(_) => builder()?.with_webpki_roots(),
    };
    Ok(with_roots.with_no_client_auth())
}

/// Opens TCP connections. The name in the URI stays the origin's; only the
/// address is the route's.
#[derive(Clone)]
pub(super) struct Dialer {
    tcp: HttpConnector<PublicNames>,
    routes: Arc<HashMap<String, SocketAddr>>,
    traffic: Traffic,
}

impl Dialer {
    fn new(egress: &Egress, traffic: Traffic) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(PublicNames(GaiResolver::new()));
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let routed = egress
            .allowed()
            .iter()
            .filter_map(|allowed| Some((allowed.origin.host().to_owned(), allowed.route?.address)));
        Dialer { tcp, routes: Arc::new(routed.collect()), traffic }
    }

    fn destination(&self, uri: Uri) -> Result<Uri, http::Error> {
        match uri.host().and_then(|host| self.routes.get(host)) {
            None => Ok(uri),
            Some(address) => Uri::builder()
                .scheme("http")
                .authority(address.to_string())
                .path_and_query("/")
                .build(),
        }
    }
}

impl tower_service::Service<Uri> for Dialer {
    type Response = <HttpConnector<PublicNames> as tower_service::Service<Uri>>::Response;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let mut dialer = self.clone();
        Box::pin(async move {
            let destination = dialer.destination(uri)?;
            let connection = dialer.tcp.call(destination).await?;
            dialer.traffic.count_connection();
            Ok(connection)
        })
    }
}

/// Resolves names and refuses those that resolve to a private address. Otherwise
/// a public DNS name would be enough to point a component at a machine that trusts
/// its local network. The address that is checked is the one that is dialled.
#[derive(Clone)]
pub(super) struct PublicNames(GaiResolver);

impl tower_service::Service<Name> for PublicNames {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = NameError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, NameError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NameError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let mut resolver = self.0.clone();
        Box::pin(async move {
            let found = resolver.call(name).await.map_err(NameError::Unknown)?;
            let addresses: Vec<SocketAddr> = found.collect();
            match addresses.iter().find(|address| !is_public(address.ip())) {
                Some(private) => Err(NameError::Private(private.ip())),
                None => Ok(addresses.into_iter()),
            }
        })
    }
}

/// Why a name has no usable address.
#[derive(Debug)]
pub(super) enum NameError {
    /// It cannot be resolved.
    Unknown(io::Error),
    /// It resolves to an address that is not public.
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
