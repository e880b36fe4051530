//! The kinds of failure.

/// The kinds that the contract names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// `configure` was not called.
    NotConfigured,
    /// The request names something that does not exist.
    Request,
    /// The credentials were refused.
    Authentication,
    /// The credentials lack a scope.
    Permission,
    /// The rate limit was reached.
    RateLimited,
    /// The source or the network is unavailable for a while.
    Transient,
    /// The server's identity could not be verified.
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
            FailureKind::Untrusted => "untrusted",
            FailureKind::Upstream => "upstream",
        }
    }
}
