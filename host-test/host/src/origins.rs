//! Where a component may send requests: the origins of its manifest, completed
//! from the configuration, and the routes that an operator sets. Pure: nothing
//! here opens a connection or resolves a name.

mod denial;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use serde_json::Value;

pub use self::denial::{Denial, DenialReason, Insecurity};

/// An origin as a manifest writes it: `https://api.example`, or with the host
/// name or its first labels taken from the configuration: `https://{/domain}`,
/// `https://{/tenant}.example`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginPattern {
    text: String,
    /// The JSON Pointer in the braces.
    pointer: Option<String>,
    /// The host name, or what follows the braces.
    rest: String,
}

/// One https origin: a host name, on port 443.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    host: String,
}

impl Origin {
    /// The host name, in lower case.
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}", self.host)
    }
}

/// Why an origin or a route cannot be used. The text says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OriginError {
    /// The manifest's text is not an origin.
    Pattern {
        /// The text.
        text: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The configuration has no host name where the manifest points.
    Configuration {
        /// The JSON Pointer.
        pointer: String,
        /// What is wrong with the value.
        problem: &'static str,
    },
    /// The route cannot be read.
    Route {
        /// The route as it was written.
        text: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The route is for an origin that the manifest does not declare.
    UnknownRoute {
        /// The origin as it was written.
        origin: String,
        /// The declared ones.
        declared: Vec<String>,
    },
}

impl fmt::Display for OriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OriginError::Pattern { text, problem } => write!(
                f,
                "the manifest's origin {text:?} {problem}: it must be https:// and a host name, \
                 whose beginning may be {{/pointer}}"
            ),
            OriginError::Configuration { pointer, problem } => write!(
                f,
                "the configuration's {pointer} {problem}: it must be a host name, without scheme, \
                 port or path"
            ),
            OriginError::Route { text, problem } => write!(
                f,
                "the route {text:?} {problem}: write ORIGIN=URL, as in \
                 https://api.example=http://127.0.0.1:8080"
            ),
            OriginError::UnknownRoute { origin, declared } => write!(
                f,
                "there is no origin {origin:?} to route: the manifest declares {}",
                declared.join(", ")
            ),
        }
    }
}

impl std::error::Error for OriginError {}

impl FromStr for OriginPattern {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let wrong = |problem| OriginError::Pattern { text: text.to_owned(), problem };
        let host = text.strip_prefix("https://").ok_or_else(|| wrong("is not https"))?;
        let (pointer, rest) = match host.strip_prefix('{') {
            None => (None, host),
            Some(braced) => {
                let (pointer, rest) =
                    braced.split_once('}').ok_or_else(|| wrong("lacks a closing brace"))?;
                if !pointer.starts_with('/') {
                    return Err(wrong("has no JSON Pointer in its braces"));
                }
                if !rest.is_empty() && !rest.starts_with('.') {
                    return Err(wrong("has braces that end in the middle of a label"));
                }
                (Some(pointer.to_owned()), rest)
            }
        };
        // With a label in place of the braces, the rest must be a host name.
        let sample = if pointer.is_some() { format!("label{rest}") } else { rest.to_owned() };
        host_name(&sample).map_err(wrong)?;
        Ok(OriginPattern { text: text.to_owned(), pointer, rest: rest.to_owned() })
    }
}

impl fmt::Display for OriginPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl OriginPattern {
    /// The origin that the pattern resolves to under a configuration.
    pub fn resolve(&self, configuration: &Value) -> Result<Origin, OriginError> {
        let Some(pointer) = &self.pointer else {
            return Ok(Origin { host: self.rest.to_ascii_lowercase() });
        };
        let wrong = |problem| OriginError::Configuration { pointer: pointer.clone(), problem };
        let value = configuration.pointer(pointer).ok_or_else(|| wrong("is absent"))?;
        let labels = value.as_str().ok_or_else(|| wrong("is not a string"))?;
        let host = host_name(&format!("{labels}{}", self.rest)).map_err(wrong)?;
        Ok(Origin { host })
    }
}

/// The host name in lower case, or what is wrong with it. Names only: an IP
/// address, also in one of its old spellings, is not a name.
fn host_name(text: &str) -> Result<String, &'static str> {
    if text.is_empty() || text.len() > 253 {
        return Err("has no host name of 1 to 253 characters");
    }
    for label in text.split('.') {
        let fits = (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if !fits {
            return Err("is not a plain host name");
        }
    }
    let last = text.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    if last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x") {
        return Err("is an IP address");
    }
    Ok(text.to_ascii_lowercase())
}

/// An operator's `ORIGIN=URL`: requests for the origin go to a server on this
/// machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    origin: String,
    target: Loopback,
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

/// Where one instance may send requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Egress {
    allowed: Vec<Allowed>,
}

/// One origin that may be reached, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// The origin.
    pub origin: Origin,
    /// The server on this machine that replaces it, if any.
    pub route: Option<Loopback>,
}

impl Egress {
    /// Resolves a manifest's origins under a configuration and routes.
    ///
    /// # Errors
    /// A text that is not an origin, a configuration without a host name where an
    /// origin points, a route for an origin that the manifest does not declare.
    ///
    /// ```
    /// use rawdash_host::origins::Egress;
    /// use serde_json::json;
    ///
    /// let configuration = json!({ "domain": "acme.eu.auth0.com" });
    /// let egress = Egress::new(&["https://{/domain}".into()], &configuration, &[])?;
    /// assert!(egress.decide("https", "acme.eu.auth0.com").is_ok());
    /// assert!(egress.decide("http", "acme.eu.auth0.com").is_err());
    /// assert!(egress.decide("https", "evil.example").is_err());
    /// # Ok::<(), rawdash_host::origins::OriginError>(())
    /// ```
    pub fn new(
        declared: &[String],
        configuration: &Value,
        routes: &[Route],
    ) -> Result<Egress, OriginError> {
        let mut allowed = Vec::new();
        let mut names = Vec::new();
        for text in declared {
            let pattern: OriginPattern = text.parse()?;
            let origin = pattern.resolve(configuration)?;
            let names_it = |route: &&Route| {
                route.origin == pattern.text
                    || route.origin.eq_ignore_ascii_case(&origin.to_string())
            };
            let route = routes.iter().find(names_it).map(|route| route.target);
            names.push((pattern.text, origin.to_string()));
            allowed.push(Allowed { origin, route });
        }
        for route in routes {
            let known = |(pattern, origin): &(String, String)| {
                route.origin == *pattern || route.origin.eq_ignore_ascii_case(origin)
            };
            if !names.iter().any(known) {
                let origin = route.origin.clone();
                return Err(OriginError::UnknownRoute { origin, declared: declared.to_vec() });
            }
        }
        Ok(Egress { allowed })
    }

    /// The origins and their routes.
    pub fn allowed(&self) -> &[Allowed] {
        &self.allowed
    }

    /// Decides on one request, by its scheme and authority.
    pub fn decide(&self, scheme: &str, authority: &str) -> Result<&Allowed, Denial> {
        let deny = |reason| {
            // Never the part before an @: it may be a password.
            let host = authority.rsplit('@').next().unwrap_or_default();
            Denial { wanted: shown(&format!("{scheme}://{host}")), reason }
        };
        if authority.contains('@') {
            return Err(deny(DenialReason::UserInformation));
        }
        let name = authority.strip_suffix(":443").unwrap_or(authority);
        if name.starts_with('[') || is_ipv4(name) {
            return Err(deny(DenialReason::IpAddress));
        }
        if scheme != "https" {
            return Err(deny(DenialReason::PlainHttp));
        }
        if name.contains(':') {
            return Err(deny(DenialReason::Port));
        }
        let allowed =
            self.allowed.iter().find(|allowed| allowed.origin.host.eq_ignore_ascii_case(name));
        allowed.ok_or_else(|| {
            deny(DenialReason::Undeclared(
                self.allowed.iter().map(|a| a.origin.to_string()).collect(),
            ))
        })
    }
}

fn is_ipv4(name: &str) -> bool {
    let host = name.split(':').next().unwrap_or_default();
    host_name(host) == Err("is an IP address")
}

/// A component's text, made safe for one line of a log.
fn shown(text: &str) -> String {
    text.chars().take(120).flat_map(char::escape_default).collect()
}

/// Whether an address is on the public internet. Any other address may belong to
/// a machine that trusts everyone who can reach it.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(a == 0
        || a >= 224 // multicast, reserved, broadcast
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_documentation()
        || (a == 100 && (64..128).contains(&b)) // carrier-grade NAT
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b))) // benchmarking
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(v4) = address.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    let [first, second, third, fourth, fifth, sixth, high, low] = address.segments();
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    // NAT64 and 6to4 addresses reach the IPv4 address in them.
    if (first, second, third, fourth, fifth, sixth) == (0x64, 0xff9b, 0, 0, 0, 0) {
        return embedded(high, low);
    }
    if first == 0x2002 {
        return embedded(second, third);
    }
    // Global unicast, without Teredo and documentation.
    (0x2000..0x4000).contains(&first) && !(first == 0x2001 && (second == 0 || second == 0xdb8))
}

#[cfg(test)]
#[path = "origins/tests.rs"]
mod tests;
