//! The endpoints of the tenant.

/// What a request addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Endpoint {
    /// `POST /oauth/token`
    Token,
    /// `GET /api/v2/users`
    Users,
    /// `GET /api/v2/users/{id}`
    User,
    /// `GET /api/v2/logs`
    Logs,
    /// `GET /api/v2/stats/daily`
    Stats,
    /// `GET /api/v2/stats/active-users`
    ActiveUsers,
    /// Anything else, answered with 404.
    Other,
}

impl Endpoint {
    /// The endpoint of a method and a path without its query.
    #[must_use]
    pub fn of(method: &str, path: &str) -> Self {
        match (method, path) {
            ("POST", "/oauth/token") => Self::Token,
            ("GET", "/api/v2/users") => Self::Users,
            ("GET", "/api/v2/logs") => Self::Logs,
            ("GET", "/api/v2/stats/daily") => Self::Stats,
            ("GET", "/api/v2/stats/active-users") => Self::ActiveUsers,
            ("GET", path) => match path.strip_prefix("/api/v2/users/") {
                Some(id) if !id.is_empty() && !id.contains('/') => Self::User,
                _ => Self::Other,
            },
            _ => Self::Other,
        }
    }

    /// The scopes of which a token needs at least one.
    pub(crate) fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::Users | Self::User => &["read:users", "read:user_idp_tokens"],
            Self::Logs => &["read:logs", "read:logs_users"],
            Self::Stats | Self::ActiveUsers => &["read:stats"],
            Self::Token | Self::Other => &[],
        }
    }
}
