//! The decision on one request.

use super::denial::{Denial, DenialReason};
use super::route::{Loopback, Route};
use rawdash_origins::{Origin, OriginError, OriginPolicy, Refusal, destination};

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
        Route::check(routes, policy)?;
        let allowed = policy.named(named)?.into_iter().map(|origin| {
            let route = routes.iter().find(|route| route.is_for(&origin, policy));
            Allowed { route: route.map(|route| route.target), origin }
        });
        Ok(Egress { allowed: allowed.collect() })
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
        let undeclared = || {
            let allowed = self.allowed.iter().map(|allowed| allowed.origin.to_string());
            deny(DenialReason::Undeclared(allowed.collect()))
        };
        let origin = destination(scheme, authority).map_err(|refusal| match refusal {
            Refusal::PlainHttp => deny(DenialReason::PlainHttp),
            Refusal::Port => deny(DenialReason::Port),
            Refusal::IpAddress => deny(DenialReason::IpAddress),
            Refusal::UserInformation => deny(DenialReason::UserInformation),
            Refusal::NoHostName => undeclared(),
        })?;
        self.allowed.iter().find(|allowed| allowed.origin == origin).ok_or_else(undeclared)
    }
}

/// A component's text, made safe for one line of a log.
fn shown(text: &str) -> String {
    text.chars().take(120).flat_map(char::escape_default).collect()
}
