//! Where a component may send requests: the origins that it names under a
//! configuration, within those that its manifest allows, and the routes that an
//! operator sets. Pure: nothing here opens a connection or resolves a name.

mod denial;
mod pattern;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use serde_json::Value;

pub use self::denial::{Denial, DenialReason, Insecurity};
pub use self::pattern::{OriginPattern, ResolvedOrigin};

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

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let wrong = |problem| OriginError::Pattern { text: text.to_owned(), problem };
        let host = text.strip_prefix("https://").ok_or_else(|| wrong("is not https"))?;
        Ok(Origin { host: host_name(host).map_err(wrong)? })
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
    /// The text of a manifest or a component is no origin.
    Pattern {
        /// The text.
        text: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The configuration holds no host name where the manifest points.
    Configuration {
        /// The JSON Pointer.
        pointer: String,
        /// What is wrong with the value.
        problem: &'static str,
    },
    /// The component names an origin that its manifest does not allow under the
    /// configuration.
    Beyond {
        /// The origin.
        origin: String,
        /// What the manifest declares.
        declared: Vec<String>,
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
                "the origin {text:?} {problem}: it must be https:// and a host name, of which a \
                 manifest may write labels as {{/pointer}}, {{/pointer|default}} or *"
            ),
            OriginError::Configuration { pointer, problem } => write!(
                f,
                "the configuration's {pointer} {problem}: it must be a host name, without scheme, \
                 port or path"
            ),
            OriginError::Beyond { origin, declared } => write!(
                f,
                "the component broke the contract: it names the origin {origin:?}, and its \
                 manifest allows only {} under this configuration",
                declared.join(", ")
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
            return Err("is no plain host name");
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
            _ => return Err(wrong("is to be http or https")),
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

/// One origin that may be reached, and by which way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// The origin.
    pub origin: Origin,
    /// The server that stands in for it, if any.
    pub route: Option<Loopback>,
}

/// What a manifest allows under a configuration.
#[derive(Clone, Debug)]
pub struct OriginPolicy {
    patterns: Vec<(OriginPattern, Option<ResolvedOrigin>)>,
}

impl OriginPolicy {
    /// What the declared origins mean under a configuration.
    ///
    /// # Errors
    /// An origin that is none; a configuration that holds no host name where an
    /// origin points.
    pub fn new(declared: &[String], configuration: &Value) -> Result<OriginPolicy, OriginError> {
        let mut patterns = Vec::new();
        for text in declared {
            let pattern: OriginPattern = text.parse()?;
            let resolved = pattern.resolve(configuration)?;
            patterns.push((pattern, resolved));
        }
        Ok(OriginPolicy { patterns })
    }

    /// Whether the origin may be reached.
    pub fn allows(&self, origin: &Origin) -> bool {
        self.patterns.iter().any(|(_, resolved)| allows(resolved.as_ref(), origin))
    }

    /// That every route is for an origin that may be reached.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check_routes(&self, routes: &[Route]) -> Result<(), OriginError> {
        let known = |route: &&Route| {
            let pattern = |(pattern, _): &(OriginPattern, _)| route.origin == pattern.to_string();
            self.patterns.iter().any(pattern)
                || route.origin.parse().is_ok_and(|origin| self.allows(&origin))
        };
        match routes.iter().find(|route| !known(route)) {
            None => Ok(()),
            Some(route) => {
                let (origin, declared) = (route.origin.clone(), self.declared());
                Err(OriginError::UnknownRoute { origin, declared })
            }
        }
    }

    /// Whether the route is for the origin, by its name or by a pattern that
    /// allows it.
    fn is_for(&self, route: &Route, origin: &Origin) -> bool {
        route.origin.eq_ignore_ascii_case(&origin.to_string())
            || self.patterns.iter().any(|(pattern, resolved)| {
                route.origin == pattern.to_string() && allows(resolved.as_ref(), origin)
            })
    }

    fn declared(&self) -> Vec<String> {
        self.patterns.iter().map(|(pattern, _)| pattern.to_string()).collect()
    }
}

fn allows(resolved: Option<&ResolvedOrigin>, origin: &Origin) -> bool {
    resolved.is_some_and(|resolved| resolved.allows(origin))
}

impl Egress {
    /// The way to the origins that a component names, each within its policy.
    ///
    /// # Errors
    /// An origin that is none, or that the policy does not allow; a route for an
    /// origin that it does not allow.
    ///
    /// ```
    /// use rawdash_host::origins::{Egress, OriginPolicy};
    /// use serde_json::json;
    ///
    /// let configuration = json!({ "domain": "acme.eu.auth0.com" });
    /// let policy = OriginPolicy::new(&["https://{/domain}".into()], &configuration)?;
    /// let egress = Egress::new(&policy, &["https://acme.eu.auth0.com".into()], &[])?;
    /// assert!(egress.decide("https", "acme.eu.auth0.com").is_ok());
    /// assert!(egress.decide("http", "acme.eu.auth0.com").is_err());
    /// assert!(egress.decide("https", "evil.example").is_err());
    /// assert!(Egress::new(&policy, &["https://evil.example".into()], &[]).is_err());
    /// # Ok::<(), rawdash_host::origins::OriginError>(())
    /// ```
    pub fn new(
        policy: &OriginPolicy,
        named: &[String],
        routes: &[Route],
    ) -> Result<Egress, OriginError> {
        policy.check_routes(routes)?;
        let mut allowed = Vec::new();
        for text in named {
            let beyond =
                || OriginError::Beyond { origin: text.clone(), declared: policy.declared() };
            let origin: Origin = text.parse().map_err(|_| beyond())?;
            if !policy.allows(&origin) {
                return Err(beyond());
            }
            let route = routes.iter().find(|route| policy.is_for(route, &origin));
            allowed.push(Allowed { route: route.map(|route| route.target), origin });
        }
        Ok(Egress { allowed })
    }

    /// The origins and their ways.
    pub fn allowed(&self) -> &[Allowed] {
        &self.allowed
    }

    /// Decides on one request, by its scheme and authority.
    pub fn decide(&self, scheme: &str, authority: &str) -> Result<&Allowed, Denial> {
        let deny = |reason| {
            // Never what stands before an @: it may be a password.
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

/// A component's text, fit for one line of a log.
fn shown(text: &str) -> String {
    text.chars().take(120).flat_map(char::escape_default).collect()
}

/// Whether an address is on the public internet. Everything else could be a
/// machine that trusts whoever reaches it.
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
    // NAT64 and 6to4 reach the IPv4 address that they carry.
    if (first, second, third, fourth, fifth, sixth) == (0x64, 0xff9b, 0, 0, 0, 0) {
        return embedded(high, low);
    }
    if first == 0x2002 {
        return embedded(second, third);
    }
    // Global unicast, less Teredo and documentation.
    (0x2000..0x4000).contains(&first) && !(first == 0x2001 && (second == 0 || second == 0xdb8))
}

#[cfg(test)]
mod tests;
