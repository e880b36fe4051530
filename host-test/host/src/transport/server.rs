//! A client of one server that the operator named, such as a database. A component
//! cannot reach it.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::uri::{Authority, Scheme};
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::connect::{Connector, NameError, connector_to};
use super::failure::{find, insecurity};
use super::network::Network;
use crate::clock::SharedClock;
use crate::origins::ProxyFailure;

/// The most bytes of an answer.
const MOST: usize = 64 << 20;

/// The address of a server: `http` or `https`, a host and perhaps a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerAddress {
    /// Whether connections are secured by TLS.
    pub secure: bool,
    /// The host, and the port where it is not the scheme's own.
    pub authority: Authority,
}

impl ServerAddress {
    /// Whether it is this machine: what is sent to it crosses no network.
    pub fn is_loopback(&self) -> bool {
        self.loopback().is_some()
    }

    /// The address on this machine. Names under `localhost` always are, whatever a
    /// resolver says.
    fn loopback(&self) -> Option<SocketAddr> {
        let host = self.authority.host().trim_matches(['[', ']']);
        let port = self.authority.port_u16().unwrap_or(if self.secure { 443 } else { 80 });
        let lower = host.to_ascii_lowercase();
        if lower == "localhost" || lower.ends_with(".localhost") {
            return Some(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port));
        }
        let address: IpAddr = host.parse().ok()?;
        address.is_loopback().then(|| SocketAddr::new(address, port))
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.secure { "https" } else { "http" }, self.authority)
    }
}

/// Sends requests to one server, through the proxies and with the certificate
/// authorities of a [`Network`], and at whatever address it is. Clones share
/// connections.
#[derive(Clone)]
pub struct ServerClient {
    client: Client<Connector, Full<Bytes>>,
    address: ServerAddress,
}

impl ServerClient {
    /// A client of the server at `address`. Nothing is sent yet.
    ///
    /// # Errors
    /// When the certificate authorities cannot be read.
    pub fn new(
        address: ServerAddress,
        network: &Network,
        clock: SharedClock,
    ) -> io::Result<ServerClient> {
        let route = address.loopback().map(|at| (address.authority.host().to_owned(), at));
        let connector = connector_to(route, address.secure, network, clock).map_err(|error| {
            io::Error::other(format!("the certificate authorities cannot be read: {error}"))
        })?;
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(55))
            .http2_adaptive_window(true)
            .build(connector);
        Ok(ServerClient { client, address })
    }

    /// Posts JSON to a path, and returns the status and the answer.
    ///
    /// # Errors
    /// [`ServerFailure`]: whether the server may have received the request.
    pub async fn post(
        &self,
        path: &'static str,
        token: Option<&HeaderValue>,
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<(StatusCode, Bytes), ServerFailure> {
        let request = self.request(path, token, body);
        let request = request.map_err(|error| ServerFailure::Unreachable(error.to_string()))?;
        let exchange = async {
            let response = self.client.request(request).await.map_err(|error| {
                let said = said(&error);
                match error.is_connect() {
                    true => ServerFailure::Unreachable(said),
                    false => ServerFailure::Unanswered(said),
                }
            })?;
            let status = response.status();
            let body = Limited::new(response.into_body(), MOST).collect().await;
            let body = body.map_err(|error| ServerFailure::Unanswered(error.to_string()))?;
            Ok((status, body.to_bytes()))
        };
        tokio::time::timeout(patience, exchange).await.unwrap_or_else(|_| {
            let said = format!("no answer in {} s", patience.as_secs_f64());
            Err(ServerFailure::Unanswered(said))
        })
    }

    fn request(
        &self,
        path: &'static str,
        token: Option<&HeaderValue>,
        body: Vec<u8>,
    ) -> Result<Request<Full<Bytes>>, http::Error> {
        let scheme = if self.address.secure { Scheme::HTTPS } else { Scheme::HTTP };
        let uri = Uri::builder().scheme(scheme).authority(self.address.authority.clone());
        let mut request = Request::post(uri.path_and_query(path).build()?)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, token);
        }
        request.body(Full::new(body.into()))
    }
}

/// Why there is no answer of the server. The texts continue a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerFailure {
    /// There is no connection, so the server received nothing.
    Unreachable(String),
    /// The request was sent, and may have been executed.
    Unanswered(String),
}

impl fmt::Display for ServerFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ServerFailure::Unreachable(said) | ServerFailure::Unanswered(said)) = self;
        f.write_str(said)
    }
}

/// What a person can act on in the chain of causes.
fn said(error: &(dyn StdError + 'static)) -> String {
    if let Some(failure) = find::<ProxyFailure>(error) {
        return failure.to_string();
    }
    if let Some(name) = find::<NameError>(error) {
        return name.to_string();
    }
    if let Some(tls) = find::<rustls::Error>(error) {
        return insecurity(tls).to_string();
    }
    find::<io::Error>(error).map_or_else(|| error.to_string(), io::Error::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_on_this_machine_count_as_such() {
        let is_loopback = |authority: &str| {
            let authority = authority.parse().unwrap();
            ServerAddress { secure: false, authority }.is_loopback()
        };
        for own in ["127.0.0.1:8080", "127.9.9.9", "[::1]:8080", "localhost", "t1.LOCALHOST:8080"] {
            assert!(is_loopback(own), "{own}");
        }
        for other in
            ["localhost.example", "10.0.0.1", "[::2]:80", "db.example:8080", "notlocalhost"]
        {
            assert!(!is_loopback(other), "{other}");
        }
    }
}
