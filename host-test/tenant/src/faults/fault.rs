//! What can go wrong with an answer.

use crate::http::{Answer, Endpoint};
use crate::token::{EXPIRED, REVOKED, insufficient_scope};

/// What goes wrong with one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is reset instead of an answer.
    ResetBeforeHeaders,
    /// The connection is reset after some bytes of the body.
    ResetInBody {
        /// The bytes that are sent first; fewer if the body is shorter.
        after: usize,
    },
    /// No answer is sent, and the connection stays open.
    NoHeaders,
    /// The body stops after some bytes, and the connection stays open.
    Stall {
        /// The bytes that are sent first; fewer if the body is shorter.
        after: usize,
    },
    /// The body is sent one byte at a time.
    ByteByByte,
    /// This answer is sent instead.
    Answer(Answer),
    /// An error with this status, in the endpoint's own shape.
    Status(u16),
    /// 429 in the endpoint's own shape.
    TooManyRequests {
        /// Seconds in `Retry-After`; `None` omits the header.
        retry_after: Option<u64>,
        /// `X-RateLimit-Reset`, in seconds from the tenant's time; negative is
        /// in the past. `None` omits all three `X-RateLimit-*` headers.
        reset_in: Option<i64>,
    },
    /// 429 with `Retry-After` as an HTTP date.
    RetryAfterDate {
        /// The date, in seconds from the tenant's time; negative is in the
        /// past.
        seconds: i64,
    },
    /// An answer that is otherwise right says that no request remains.
    RateLimitReset {
        /// `X-RateLimit-Reset`, in seconds from the tenant's time; negative is
        /// in the past.
        seconds: i64,
    },
    /// A body that is not JSON.
    MalformedJson,
    /// The first half of the body, with a length that says it is complete.
    TruncatedJson,
    /// JSON of a shape that this API does not have.
    AnotherShape,
    /// An empty body.
    EmptyBody,
    /// The previous page of this endpoint, including its headers.
    PreviousPage,
    /// The `Link` header points to this host.
    LinkToHost(String),
    /// The body is compressed although the client does not accept it.
    Gzip,
    /// White space follows the body.
    Padded {
        /// How many bytes.
        bytes: u64,
    },
    /// The answer has a header of this size.
    HugeHeader {
        /// The length of its value.
        bytes: usize,
    },
    /// A body that is not UTF-8.
    InvalidUtf8,
    /// Nested JSON arrays.
    DeepJson {
        /// How deeply they are nested.
        depth: usize,
    },
}

impl Fault {
    /// 408.
    #[must_use]
    pub fn request_timeout() -> Self {
        Self::Answer(Answer::error(408, None, "Request Time-out"))
    }

    /// 500 as the Management API writes it.
    #[must_use]
    pub fn internal_error() -> Self {
        Self::Answer(Answer::error(500, None, "An internal server error occurred"))
    }

    /// The rate limit of the token endpoint, sent as a 500.
    #[must_use]
    pub fn global_limit() -> Self {
        let answer = Answer::oauth_error(500, "access_denied", "Global limit has been reached")
            .with("x-ratelimit-limit", "30")
            .with("x-ratelimit-remaining", "29");
        Self::Answer(answer)
    }

    /// The token quota of the application is used up for some seconds.
    #[must_use]
    pub fn token_quota(retry_after: u64) -> Self {
        let answer = Answer::oauth_error(429, "too_many_requests", "Client quota exceeded")
            .with("retry-after", &retry_after.to_string())
            .with("auth0-client-quota-limit", &format!("b=per_hour;q=10;r=0;t={retry_after}"));
        Self::Answer(answer)
    }

    /// 502 with an HTML page of the network edge.
    #[must_use]
    pub fn bad_gateway() -> Self {
        Self::Answer(edge_error(502, "Bad gateway"))
    }

    /// 503: the user search took too long.
    #[must_use]
    pub fn slow_search() -> Self {
        Self::Answer(Answer::query_timeout())
    }

    /// 524 of the network edge.
    #[must_use]
    pub fn origin_timeout() -> Self {
        Self::Answer(edge_error(524, "A timeout occurred"))
    }

    /// 403 of the network edge, which never reached Auth0: an HTML page "Just
    /// a moment…".
    #[must_use]
    pub fn edge_challenge() -> Self {
        Self::Answer(edge_page(403, "Just a moment...").with("cf-mitigated", "challenge"))
    }

    /// 302 to another address.
    #[must_use]
    pub fn redirect(to: &str) -> Self {
        Self::Answer(Answer::html(302, "<!DOCTYPE html>\nFound. Redirecting").with("location", to))
    }

    /// An HTML page of a server that is not Auth0, with any status.
    #[must_use]
    pub fn html_page(status: u16) -> Self {
        let page = "<!DOCTYPE html><html><head><title>Welcome</title></head><body></body></html>";
        Self::Answer(Answer::html(status, page))
    }

    /// 403 of the token endpoint, with this `error` and `error_description`.
    #[must_use]
    pub fn token_refused(error: &str, description: &str) -> Self {
        Self::Answer(Answer::oauth_error(403, error, description))
    }

    /// 401: the token is revoked. Only this answer says so; see
    /// [`State::revoke_tokens`](crate::State::revoke_tokens).
    #[must_use]
    pub fn token_revoked() -> Self {
        Self::Answer(Answer::unauthorized(REVOKED))
    }

    /// 401: the token has expired. Only this answer says so; see
    /// [`State::expire_tokens`](crate::State::expire_tokens).
    #[must_use]
    pub fn token_expired() -> Self {
        Self::Answer(Answer::unauthorized(EXPIRED))
    }

    /// 400: the token is not a JWT.
    #[must_use]
    pub fn malformed_bearer() -> Self {
        Self::Answer(Answer::error(400, None, "Bad HTTP authentication header format"))
    }

    /// 403: the token lacks the scope of this endpoint.
    #[must_use]
    pub fn insufficient_scope(endpoint: Endpoint) -> Self {
        Self::Answer(insufficient_scope(endpoint.scopes()))
    }
}

fn edge_error(status: u16, title: &str) -> Answer {
    edge_page(status, &format!("{status}: {title}"))
}

fn edge_page(status: u16, title: &str) -> Answer {
    let page = format!(
        "<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    );
    Answer::html(status, page).with("server", "cloudflare").with("cf-ray", "689a1b2c3d4e5f60-FRA")
}
