//! The decision on one request.

use super::denial::{Denial, DenialReason};
use super::origin::{Origin, host_name};
use super::origin_error::OriginError;
use super::policy::OriginPolicy;
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
