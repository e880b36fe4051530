//! Requests that the host did not send, and why: one sentence that says what
//! to do.

use std::fmt;
use std::net::IpAddr;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::proxy_fault::ProxyFailure;

/// A request that the host did not send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// Scheme, host and port: no path, query, or user name.
    pub wanted: String,
    /// Why.
    pub reason: DenialReason,
}

/// Why a request was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DenialReason {
    /// The manifest does not declare it; it declares these.
    Undeclared(Vec<String>),
    /// It is not https.
    PlainHttp,
    /// It names a port.
    Port,
    /// It is an IP address.
    IpAddress,
    /// It carries a user name.
    UserInformation,
    /// The name resolves to an address that is not on the public internet.
    PrivateAddress(IpAddr),
    /// This many requests were under way already.
    TooMany(usize),
    /// The identity of the server could not be verified.
    Insecure(Insecurity),
    /// A proxy did not open the way.
    Proxy(ProxyFailure),
}

/// Why a connection could not be secured. Nothing of a request is sent over an
/// insecure connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Insecurity {
    /// The certificate was issued by an authority that is not trusted.
    UnknownIssuer,
    /// The certificate is for these other names.
    OtherName(Vec<String>),
    /// The certificate expired; when, if that is known.
    Expired(Option<OffsetDateTime>),
    /// The certificate is not valid yet; from when on, if that is known.
    NotYetValid(Option<OffsetDateTime>),
    /// The certificate has another fault; what TLS says about it.
    Certificate(String),
    /// The connection ended before it was secured.
    BrokenOff,
    /// The handshake failed; what TLS says about it.
    Protocol(String),
}

impl Denial {
    /// Whether the server's certificate was refused, which another attempt would
    /// not change.
    pub(crate) fn is_distrust(&self) -> bool {
        match &self.reason {
            DenialReason::Insecure(insecurity) => insecurity.is_distrust(),
            _ => false,
        }
    }
}

impl Insecurity {
    /// Whether the certificate was refused, which another attempt would not change.
    pub(crate) fn is_distrust(&self) -> bool {
        match self {
            Insecurity::UnknownIssuer
            | Insecurity::OtherName(_)
            | Insecurity::Expired(_)
            | Insecurity::NotYetValid(_)
            | Insecurity::Certificate(_) => true,
            Insecurity::BrokenOff | Insecurity::Protocol(_) => false,
        }
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the request to {} was not sent: ", self.wanted)?;
        match &self.reason {
            DenialReason::Undeclared(declared) if declared.is_empty() => {
                f.write_str("the component may not reach any origin here")
            }
            DenialReason::Undeclared(declared) => write!(
                f,
                "the manifest declares only {}; if the connector needs to reach it, its author \
                 must add it to `origins`",
                declared.join(", ")
            ),
            DenialReason::PlainHttp => f.write_str("only https is allowed; use https://"),
            DenialReason::Port => f.write_str("origins have no port; leave the port out"),
            DenialReason::IpAddress => f.write_str("it is an IP address; use the host name"),
            DenialReason::UserInformation => {
                f.write_str("its URL has a user name; send an Authorization header instead")
            }
            DenialReason::PrivateAddress(address) => write!(
                f,
                "the name resolves to {address}, which is not on the public internet; if that is \
                 intended, add --allow-private-address {address}, or name a server on this \
                 machine with --route"
            ),
            DenialReason::TooMany(limit) => write!(
                f,
                "{limit} requests were under way already; read or drop their responses first"
            ),
            DenialReason::Insecure(insecurity) => insecurity.fmt(f),
            DenialReason::Proxy(failure) => failure.fmt(f),
        }
    }
}

impl fmt::Display for Insecurity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Insecurity::UnknownIssuer => f.write_str(
                "the server's certificate was issued by an authority that this machine does not \
                 trust; if a proxy is there on purpose, add its authority to this machine's, \
                 otherwise do not trust this network",
            ),
            Insecurity::OtherName(names) if names.is_empty() => {
                f.write_str("the server's certificate names no host; ")?;
                f.write_str(RIGHT_SERVER)
            }
            Insecurity::OtherName(names) => {
                write!(f, "the server's certificate is for {}; {RIGHT_SERVER}", names.join(", "))
            }
            Insecurity::Expired(at) => {
                write!(f, "the server's certificate expired{}; {RIGHT_TIME}", At(*at))
            }
            Insecurity::NotYetValid(at) => {
                write!(f, "the server's certificate is not valid yet{}; {RIGHT_TIME}", At(*at))
            }
            Insecurity::Certificate(said) => write!(
                f,
                "the server's certificate cannot be accepted ({said}); its owner must replace it"
            ),
            Insecurity::BrokenOff => f.write_str(
                "the connection ended during the TLS handshake; check whether a proxy or a \
                 firewall is in between",
            ),
            Insecurity::Protocol(said) => write!(
                f,
                "the TLS handshake failed ({said}); check whether a proxy is in between, or the \
                 port belongs to another server"
            ),
        }
    }
}

const RIGHT_SERVER: &str =
    "check the spelling of the host name, and that it resolves to its own server";
const RIGHT_TIME: &str = "check this machine's clock; if it is right, the owner must renew it";

/// A time, where it is known, as the end of a clause.
struct At(Option<OffsetDateTime>);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.and_then(|at| at.format(&Rfc3339).ok()) {
            Some(at) => write!(f, " ({at})"),
            None => Ok(()),
        }
    }
}
