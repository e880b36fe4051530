//! Why something did not come.

use crate::configuration::Domain;
use crate::resource::Resource;

/// The kinds that the contract names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `configure` was not called.
    NotConfigured,
    /// The request names what is not there.
    Request,
    /// The credentials were refused.
    Authentication,
    /// The credentials lack a scope.
    Permission,
    /// The tenant's rate limit.
    RateLimited,
    /// Auth0 or the network, for a while.
    Transient,
    /// Whoever answers does not prove to be the tenant.
    Untrusted,
    /// Auth0, lastingly.
    Upstream,
}

impl Kind {
    /// The name in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Kind::NotConfigured => "not-configured",
            Kind::Request => "request",
            Kind::Authentication => "authentication",
            Kind::Permission => "permission",
            Kind::RateLimited => "rate-limited",
            Kind::Transient => "transient",
            Kind::Untrusted => "untrusted",
            Kind::Upstream => "upstream",
        }
    }
}

/// Why something did not come: what happened, where, and what to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// Its kind.
    pub kind: Kind,
    /// One sentence or two.
    pub message: String,
    /// Where it belongs to one.
    pub resource: Option<Resource>,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// Milliseconds after which a new try is worth it.
    pub retry_after: Option<u64>,
}

impl Failure {
    /// A failure of no resource and no answer.
    pub fn new(kind: Kind, message: impl Into<String>) -> Failure {
        Failure { kind, message: message.into(), resource: None, status: None, retry_after: None }
    }

    /// The resource is out of these credentials' reach.
    pub fn permission(resource: Resource, said: &str) -> Failure {
        let scope = resource.scope();
        let mut message = format!(
            "Auth0 does not let the application read {}: grant it the scope `{scope}` of the Management API",
            resource.setting()
        );
        if !said.is_empty() && !said.contains("Insufficient scope") {
            message.push_str(&format!(", or see what Auth0 says: {said}"));
        }
        message.push('.');
        Failure {
            resource: Some(resource),
            status: Some(403),
            ..Failure::new(Kind::Permission, message)
        }
    }

    /// The certificate of whoever answers is refused. Which of its faults it is
    /// the host knows, and says beside it.
    pub fn untrusted(domain: &Domain) -> Failure {
        let message = format!(
            "Whoever answers for {domain} does not prove to be the tenant: its certificate was refused, and nothing was sent to it. Check `domain`, this machine's clock and the certificate authorities that it trusts; what came before is kept."
        );
        Failure::new(Kind::Untrusted, message)
    }

    /// Auth0 refuses for a reason that waiting does not mend.
    pub fn refused(resource: Resource, status: u16, said: &str) -> Failure {
        let said = if said.is_empty() { "no reason given" } else { said };
        let message = format!(
            "Auth0 refused a request for {} with status {status} ({said}); report it, for the connector should not have asked this.",
            resource.setting()
        );
        Failure {
            resource: Some(resource),
            status: Some(status),
            ..Failure::new(Kind::Upstream, message)
        }
    }

    /// A search that shows nobody where users are stored.
    pub fn nobody(stored: u64) -> Failure {
        let message = format!(
            "Auth0's search showed no users where the last full run found {stored}; nothing was replaced, for an outage of the search looks the same. Sync again later."
        );
        Failure { resource: Some(Resource::Users), ..Failure::new(Kind::Upstream, message) }
    }
}
