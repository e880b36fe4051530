//! Why a proxy did not open the way to an origin.

use std::fmt;

use http::StatusCode;

use super::denial::Insecurity;

/// A proxy that did not open the way to an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyFailure {
    /// Its address, without credentials.
    pub proxy: String,
    /// Why.
    pub fault: ProxyFault,
}

impl fmt::Display for ProxyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the proxy {} {}", self.proxy, self.fault)
    }
}

impl std::error::Error for ProxyFailure {}

/// Why a proxy did not open the way to an origin. The text continues a sentence
/// that begins with the proxy, and says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProxyFault {
    /// No connection to it could be opened; what the machine says.
    Unreachable(String),
    /// The connection to it could not be secured.
    Insecure(Insecurity),
    /// It demands credentials, and its address has none.
    NoCredentials,
    /// It refuses the credentials in its address, with this status: some proxies
    /// answer 401 instead of 407.
    WrongCredentials(StatusCode),
    /// It answered `CONNECT` with another status.
    Status(StatusCode),
    /// What answers is not an HTTP proxy; what HTTP says.
    Protocol(String),
}

impl ProxyFault {
    /// Whether another attempt would end the same way.
    pub(crate) fn is_lasting(&self) -> bool {
        match self {
            ProxyFault::NoCredentials | ProxyFault::WrongCredentials(_) => true,
            ProxyFault::Insecure(insecurity) => insecurity.is_distrust(),
            ProxyFault::Status(status) => {
                let passing = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
                !status.is_server_error() && !passing.contains(status)
            }
            ProxyFault::Unreachable(_) | ProxyFault::Protocol(_) => false,
        }
    }
}

impl fmt::Display for ProxyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProxyFault::Unreachable(said) => write!(
                f,
                "cannot be reached ({said}); check that it runs, and its address in HTTPS_PROXY, \
                 ALL_PROXY or HTTP_PROXY; {WITHOUT}"
            ),
            ProxyFault::Insecure(insecurity) => {
                write!(f, "could not be verified: {insecurity}")
            }
            ProxyFault::NoCredentials => f.write_str(
                "demands credentials (status 407); write them into its address, as in \
                 HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT",
            ),
            ProxyFault::WrongCredentials(status) => write!(
                f,
                "refuses the credentials in its address (status {}); correct USER:PASSWORD in \
                 HTTPS_PROXY, ALL_PROXY or HTTP_PROXY, with special characters percent-encoded",
                status.as_u16()
            ),
            ProxyFault::Status(status) if self.is_lasting() => write!(
                f,
                "refuses to open a connection to this host (status {status}); ask the proxy's \
                 administrator to allow CONNECT to its port 443; {WITHOUT}"
            ),
            ProxyFault::Status(status) => write!(
                f,
                "could not open a connection to this host (status {status}); if this lasts, ask the \
                 proxy's administrator whether the proxy can resolve and reach it; {WITHOUT}"
            ),
            ProxyFault::Protocol(said) => write!(
                f,
                "does not answer as an HTTP proxy ({said}); check its scheme, host and port in \
                 HTTPS_PROXY, ALL_PROXY or HTTP_PROXY"
            ),
        }
    }
}

const WITHOUT: &str = "to go without a proxy, name the host in NO_PROXY or use --no-proxy";
