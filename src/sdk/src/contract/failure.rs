//! Failures: what happened, where, and what to do.

/// The kinds of failure that the contract names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// `configure` was not called.
    NotConfigured,
    /// The request cannot be understood.
    Request,
    /// The credentials were refused.
    Authentication,
    /// The credentials lack a permission.
    Permission,
    /// The rate limit was reached.
    RateLimited,
    /// The source or the network is unavailable for a while.
    Transient,
    /// The host denied the request.
    Denied,
    /// What answers is not the source.
    Misdirected,
    /// The server's certificate is refused.
    Untrusted,
    /// The source refuses, and would refuse again.
    Upstream,
}

impl FailureKind {
    /// The name in the contract.
    pub fn name(self) -> &'static str {
        match self {
            FailureKind::NotConfigured => "not-configured",
            FailureKind::Request => "request",
            FailureKind::Authentication => "authentication",
            FailureKind::Permission => "permission",
            FailureKind::RateLimited => "rate-limited",
            FailureKind::Transient => "transient",
            FailureKind::Denied => "denied",
            FailureKind::Misdirected => "misdirected",
            FailureKind::Untrusted => "untrusted",
            FailureKind::Upstream => "upstream",
        }
    }
}

/// What happened, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its kind.
    pub kind: FailureKind,
    /// A sentence or two.
    pub message: String,
    /// The resource's name, where it concerns one. The engine adds it.
    pub resource: Option<String>,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// Milliseconds after which another attempt is worthwhile.
    pub retry_after: Option<u64>,
}

impl Failure {
    /// A failure of no resource and no answer.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Failure {
        Failure { kind, message: message.into(), resource: None, status: None, retry_after: None }
    }

    /// The same failure, of an answer with this status.
    #[must_use]
    pub fn with_status(self, status: u16) -> Failure {
        Failure { status: Some(status), ..self }
    }

    /// The same failure, of this resource.
    #[must_use]
    pub fn of(self, resource: &str) -> Failure {
        Failure { resource: Some(resource.to_owned()), ..self }
    }

    /// Nothing is configured yet.
    pub fn not_configured() -> Failure {
        let message = "The connector is not configured: call `configure` first.";
        Failure::new(FailureKind::NotConfigured, message)
    }
}
