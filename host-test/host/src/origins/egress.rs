//! The decision on one request.

use serde_json::Value;

use super::denial::{Denial, DenialReason};
use super::origin_error::OriginError;
use super::pattern::{Origin, OriginPattern, host_name};
use super::route::{Loopback, Route};

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
