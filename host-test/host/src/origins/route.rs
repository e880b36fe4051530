//! A server on this machine in place of an origin.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use rawdash_origins::{Origin, OriginError, OriginPolicy};

/// An operator's `ORIGIN=URL`: requests for the origin go to a server on this
/// machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    origin: String,
    pub(super) target: Loopback,
}

impl Route {
    /// That every route is for an origin that may be reached. Where the configuration
    /// lacks a part of an origin, no route can be judged.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check(routes: &[Route], policy: &OriginPolicy) -> Result<(), OriginError> {
        if policy.is_partial() {
            return Ok(());
        }
        let known = |route: &&Route| {
            policy.declares(&route.origin)
                || route.origin.parse().is_ok_and(|origin| policy.allows(&origin))
        };
        match routes.iter().find(|route| !known(route)) {
            None => Ok(()),
            Some(route) => {
                let (origin, declared) = (route.origin.clone(), policy.declared());
                Err(OriginError::UnknownRoute { origin, declared })
            }
        }
    }

    /// Whether the route is for the origin, by its name or by a pattern that
    /// allows it.
    pub(super) fn is_for(&self, origin: &Origin, policy: &OriginPolicy) -> bool {
        self.origin.eq_ignore_ascii_case(&origin.to_string())
            || policy.allows_by(&self.origin, origin)
    }
}

/// A server on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loopback {
    /// Whether it speaks TLS; the certificate must be the origin's.
    pub https: bool,
    /// Where it listens.
    pub address: SocketAddr,
}

impl FromStr for Route {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let wrong = |problem| OriginError::Route { text: text.to_owned(), problem };
        let (origin, url) = text.rsplit_once('=').ok_or_else(|| wrong("has no ="))?;
        let url: http::Uri = url.parse().map_err(|_| wrong("has no URL after the ="))?;
        let https = match url.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(wrong("is neither http nor https")),
        };
        if url.path_and_query().is_some_and(|path| path.as_str() != "/") {
            return Err(wrong("has a path"));
        }
        if url.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(wrong("has a user name"));
        }
        let ip =
            loopback(url.host().unwrap_or_default()).ok_or_else(|| wrong("leaves this machine"))?;
        let port = url.port_u16().unwrap_or(if https { 443 } else { 80 });
        let target = Loopback { https, address: SocketAddr::new(ip, port) };
        Ok(Route { origin: origin.to_owned(), target })
    }
}

fn loopback(host: &str) -> Option<IpAddr> {
    if host.eq_ignore_ascii_case("localhost") {
        return Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let ip: IpAddr = host.trim_start_matches('[').trim_end_matches(']').parse().ok()?;
    ip.is_loopback().then_some(ip)
}
