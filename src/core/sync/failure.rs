//! Failures, and the remedies for those that Auth0 causes.

use crate::configuration::domain::Domain;
use crate::engine::failure_kind::FailureKind;
use crate::resource::Resource;

/// What happened, where, and what to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// Its kind.
    pub kind: FailureKind,
    /// A sentence or two.
    pub message: String,
    /// The resource, where it concerns one.
    pub resource: Option<Resource>,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// Milliseconds after which another attempt makes sense.
    pub retry_after: Option<u64>,
}

impl Failure {
    /// A failure of no resource and no reply.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Failure {
        Failure { kind, message: message.into(), resource: None, status: None, retry_after: None }
    }

    /// The credentials lack the permission to read a resource.
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
            ..Failure::new(FailureKind::Permission, message)
        }
    }

    /// The server's certificate is refused. The host knows why, and adds it.
    pub fn untrusted(domain: &Domain) -> Failure {
        let message = format!(
            "Could not verify the identity of the server at {domain}: its certificate was refused, and nothing was sent to it. Check `domain`, this machine's clock and the certificate authorities that it trusts. Records read before are stored."
        );
        Failure::new(FailureKind::Untrusted, message)
    }

    /// Auth0 refuses for a reason that does not pass with time.
    pub fn refused(resource: Resource, status: u16, said: &str) -> Failure {
        let said = if said.is_empty() { "no reason given" } else { said };
        let message = format!(
            "Auth0 refused a request for {} with status {status} ({said}). Report this: the connector should not have sent the request.",
            resource.setting()
        );
        Failure {
            resource: Some(resource),
            status: Some(status),
            ..Failure::new(FailureKind::Upstream, message)
        }
    }

    /// A search that finds nobody although users are stored.
    pub fn nobody(stored: u64) -> Failure {
        let message = format!(
            "Auth0's search found no users, and the last full run found {stored}. Nothing was replaced, because an outage of the search looks the same. Sync again later."
        );
        Failure { resource: Some(Resource::Users), ..Failure::new(FailureKind::Upstream, message) }
    }
}
