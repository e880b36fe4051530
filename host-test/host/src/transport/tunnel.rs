//! Tunnels through proxies: what is sent in one is encrypted for the origin, so the
//! proxy learns its name and nothing more.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, PROXY_AUTHORIZATION};
use http::{Request, StatusCode};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper::upgrade::Parts;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tower_service::Service;

use super::failure::{find, insecurity};
use super::proxies::Proxy;
use crate::clock::{SharedClock, within};
use crate::origins::{ProxyFailure, ProxyFault};

/// How long a proxy may take to open a tunnel: less than components wait for an
/// answer, so that the proxy is named and not the origin.
const PATIENCE: Duration = Duration::from_secs(15);

/// A connection to an origin before it is secured: over TCP, or through a proxy that
/// may speak TLS itself.
pub(super) type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Opens tunnels. The proxy is the operator's, so it may be at any address.
#[derive(Clone)]
pub(super) struct Tunnels {
    connector: HttpsConnector<HttpConnector>,
    clock: SharedClock,
}

impl Tunnels {
    pub(super) fn new(tls: ClientConfig, clock: SharedClock) -> Tunnels {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        Tunnels { connector, clock }
    }

    /// A connection to a port of the host, through the proxy.
    pub(super) async fn open(
        &self,
        proxy: &Proxy,
        host: &str,
        port: u16,
    ) -> Result<Stream, ProxyFailure> {
        let deadline = self.clock.monotonic().saturating_add(PATIENCE);
        let opened = within(&*self.clock, deadline, self.connect(proxy, host, port)).await;
        opened.unwrap_or_else(|| {
            let said = format!("no answer in {} s", PATIENCE.as_secs());
            Err(ProxyFailure { proxy: proxy.to_string(), fault: ProxyFault::Unreachable(said) })
        })
    }

    async fn connect(&self, proxy: &Proxy, host: &str, port: u16) -> Result<Stream, ProxyFailure> {
        let broken = |fault| ProxyFailure { proxy: proxy.to_string(), fault };
        let connected = self.connector.clone().call(proxy.uri().clone()).await;
        let connected = connected.map_err(|error| broken(unreachable(&*error)))?;
        let spoken = |error: hyper::Error| broken(ProxyFault::Protocol(error.to_string()));
        let (mut sender, connection) = http1::handshake(connected).await.map_err(spoken)?;
        tokio::spawn(connection.with_upgrades());
        let unsendable = |error: http::Error| broken(ProxyFault::Protocol(error.to_string()));
        let request = request(proxy, host, port).map_err(unsendable)?;
        let response = sender.send_request(request).await.map_err(spoken)?;
        if !response.status().is_success() {
            return Err(broken(refusal(response.status(), proxy.authorization().is_some())));
        }
        let upgraded = hyper::upgrade::on(response).await.map_err(spoken)?;
        match upgraded.downcast() {
            Ok(Parts { io, read_buf, .. }) if read_buf.is_empty() => Ok(io),
            // The origin waits for the first message of the TLS handshake.
            _ => Err(broken(ProxyFault::Protocol("it speaks before the origin".to_owned()))),
        }
    }
}

fn request(proxy: &Proxy, host: &str, port: u16) -> Result<Request<Empty<Bytes>>, http::Error> {
    let place = format!("{host}:{port}");
    let mut request = Request::connect(&place).header(HOST, &place);
    if let Some(authorization) = proxy.authorization() {
        request = request.header(PROXY_AUTHORIZATION, authorization);
    }
    request.body(Empty::new())
}

fn refusal(status: StatusCode, authorized: bool) -> ProxyFault {
    match status {
        StatusCode::PROXY_AUTHENTICATION_REQUIRED | StatusCode::UNAUTHORIZED if authorized => {
            ProxyFault::WrongCredentials(status)
        }
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => ProxyFault::NoCredentials,
        status => ProxyFault::Status(status),
    }
}

fn unreachable(error: &(dyn StdError + 'static)) -> ProxyFault {
    if let Some(tls) = find::<rustls::Error>(error) {
        return ProxyFault::Insecure(insecurity(tls));
    }
    let said = find::<io::Error>(error).map_or_else(|| error.to_string(), io::Error::to_string);
    ProxyFault::Unreachable(said)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::RootCertStore;
    use time::macros::datetime;
    use tokio::net::TcpListener;

    use super::super::proxies::Proxies;
    use super::*;
    use crate::clock::{Clock, DrivenClock};

    #[tokio::test]
    async fn a_proxy_that_does_not_answer_is_reported_with_its_address() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let proxies = Proxies::from_variables(|name| (name == "HTTPS_PROXY").then(|| url.clone()));
        let proxies = proxies.unwrap();
        let proxy = proxies.for_host("acme.auth0.com").unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        let clock = DrivenClock::new(datetime!(2026-01-01 0:00 UTC));
        let tunnels = Tunnels::new(tls, Arc::new(clock.clone()));
        let time = async {
            // Kept open, and never read.
            let _connection = listener.accept().await.unwrap();
            clock.advance(clock.next_wait().unwrap() - clock.monotonic());
            std::future::pending::<()>().await
        };
        let opened = tokio::select! {
            opened = tunnels.open(proxy, "acme.auth0.com", 443) => opened,
            () = time => unreachable!(),
        };
        let said = opened.unwrap_err().to_string();
        assert!(said.contains(&url) && said.contains("no answer in 15 s"), "{said}");
    }
}
