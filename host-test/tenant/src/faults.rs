//! What can go wrong between the tenant and a client, and when.

use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::gzip::gzip;
use crate::token::{EXPIRED, REVOKED, insufficient_scope};
use bytes::Bytes;

/// What goes wrong with one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is reset instead of an answer.
    ResetBeforeHeaders,
    /// The connection is reset behind so many bytes of the body.
    ResetInBody {
        /// The bytes that still come; fewer when the body is shorter.
        after: usize,
    },
    /// Nothing is answered, and the connection stays open.
    NoHeaders,
    /// The body stops behind so many bytes, and the connection stays open.
    Stall {
        /// The bytes that still come; fewer when the body is shorter.
        after: usize,
    },
    /// The body comes one byte at a time.
    ByteByByte,
    /// This is answered instead.
    Answer(Answer),
    /// 429 in the endpoint's own shape.
    TooManyRequests {
        /// Seconds in `Retry-After`; nothing: no such header.
        retry_after: Option<u64>,
        /// `X-RateLimit-Reset`, in seconds from the tenant's now; nothing: none
        /// of the three `X-RateLimit-*` headers.
        reset_in: Option<i64>,
    },
    /// A body that is no JSON.
    MalformedJson,
    /// The first half of the body, with a length that says it is whole.
    TruncatedJson,
    /// JSON that is none of the shapes this API has.
    AnotherShape,
    /// No body.
    EmptyBody,
    /// The page that was served before on this endpoint, headers included.
    PreviousPage,
    /// The `Link` header leads to this host.
    LinkToHost(String),
    /// The body is compressed though nobody asked for it.
    Gzip,
    /// So many bytes of white space follow the body.
    Padded {
        /// How many bytes.
        bytes: u64,
    },
    /// A header of this size comes with the answer.
    HugeHeader {
        /// The bytes of its value.
        bytes: usize,
    },
    /// A body that is no UTF-8.
    InvalidUtf8,
    /// JSON arrays, each in another.
    DeepJson {
        /// How many.
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

    /// The rate limit of the token endpoint that comes as a 500.
    #[must_use]
    pub fn global_limit() -> Self {
        let answer = Answer::oauth_error(500, "access_denied", "Global limit has been reached")
            .with("x-ratelimit-limit", "30")
            .with("x-ratelimit-remaining", "29");
        Self::Answer(answer)
    }

    /// The token quota of the application is used up; so many seconds to wait.
    #[must_use]
    pub fn token_quota(retry_after: u64) -> Self {
        let answer = Answer::oauth_error(429, "too_many_requests", "Client quota exceeded")
            .with("retry-after", &retry_after.to_string())
            .with("auth0-client-quota-limit", &format!("b=per_hour;q=10;r=0;t={retry_after}"));
        Self::Answer(answer)
    }

    /// 502 with the HTML page of the network in front.
    #[must_use]
    pub fn bad_gateway() -> Self {
        Self::Answer(cloudflare(502, "Bad gateway"))
    }

    /// 503 of a user search that took too long.
    #[must_use]
    pub fn slow_search() -> Self {
        Self::Answer(Answer::error(
            503,
            None,
            "The query exceeded the timeout. Please try refining your search criteria. \
             See https://auth0.com/docs/best-practices/search-best-practices.",
        ))
    }

    /// 524 of the network in front.
    #[must_use]
    pub fn origin_timeout() -> Self {
        Self::Answer(cloudflare(524, "A timeout occurred"))
    }

    /// 401: the token counts no more. Only this answer says so; see
    /// [`State::revoke_tokens`](crate::State::revoke_tokens).
    #[must_use]
    pub fn token_revoked() -> Self {
        Self::Answer(Answer::unauthorized(REVOKED))
    }

    /// 401: the token has run out. Only this answer says so; see
    /// [`State::expire_tokens`](crate::State::expire_tokens).
    #[must_use]
    pub fn token_expired() -> Self {
        Self::Answer(Answer::unauthorized(EXPIRED))
    }

    /// 400 for a token that is no JWT.
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

fn cloudflare(status: u16, title: &str) -> Answer {
    Answer {
        status,
        headers: vec![
            ("content-type".to_owned(), "text/html; charset=UTF-8".to_owned()),
            ("server".to_owned(), "cloudflare".to_owned()),
            ("cf-ray".to_owned(), "689a1b2c3d4e5f60-FRA".to_owned()),
        ],
        body: format!(
            "<!DOCTYPE html><html><head><title>{status}: {title}</title></head>\
             <body><h1>{title}</h1></body></html>"
        )
        .into(),
    }
}

/// Which answers a fault befalls.
#[derive(Clone, Debug)]
pub struct Rule {
    endpoint: Option<Endpoint>,
    first: u64,
    times: u64,
    fault: Fault,
}

impl Rule {
    /// The fault befalls the first request to this endpoint, once.
    #[must_use]
    pub fn on(endpoint: Endpoint, fault: Fault) -> Self {
        Self { endpoint: Some(endpoint), first: 1, times: 1, fault }
    }

    /// The fault befalls the first request of all, once.
    #[must_use]
    pub fn any(fault: Fault) -> Self {
        Self { endpoint: None, first: 1, times: 1, fault }
    }

    /// Not the first but the `nth` request, counted from 1: of the endpoint,
    /// or of all.
    #[must_use]
    pub fn nth(mut self, nth: u64) -> Self {
        self.first = nth;
        self
    }

    /// So many requests in turn.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = times;
        self
    }

    /// That request and all behind it.
    #[must_use]
    pub fn always(self) -> Self {
        self.times(u64::MAX)
    }

    /// The fault, where it befalls the request with these numbers.
    pub(crate) fn fault_for(
        &self,
        endpoint: Endpoint,
        of_endpoint: u64,
        overall: u64,
    ) -> Option<&Fault> {
        let number = match self.endpoint {
            None => overall,
            Some(only) if only == endpoint => of_endpoint,
            Some(_) => return None,
        };
        let behind = number.checked_sub(self.first)?;
        (behind < self.times).then_some(&self.fault)
    }
}

/// How an answer goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    Reset,
    Silence,
    Send(Answer, Pace),
}

/// How the body of an answer goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    Whole,
    ByteByByte,
    ResetAfter(usize),
    StallAfter(usize),
    Padded(u64),
}

/// What becomes of an answer that this fault befalls.
pub(crate) fn befall(
    fault: &Fault,
    endpoint: Endpoint,
    mut answer: Answer,
    previous: Option<&Answer>,
    now_seconds: i64,
) -> Delivery {
    let mut pace = Pace::Whole;
    match fault {
        Fault::ResetBeforeHeaders => return Delivery::Reset,
        Fault::NoHeaders => return Delivery::Silence,
        Fault::ResetInBody { after } => pace = Pace::ResetAfter(*after),
        Fault::Stall { after } => pace = Pace::StallAfter(*after),
        Fault::ByteByByte => pace = Pace::ByteByByte,
        Fault::Padded { bytes } => pace = Pace::Padded(*bytes),
        Fault::Answer(other) => answer = other.clone(),
        Fault::TooManyRequests { retry_after, reset_in } => {
            let reset = reset_in.map(|seconds| now_seconds + seconds);
            answer = too_many_requests(endpoint, *retry_after, reset);
        }
        Fault::PreviousPage => answer = previous.cloned().unwrap_or(answer),
        Fault::LinkToHost(host) => link_to(&mut answer, host),
        Fault::Gzip => answer = gzip(answer),
        Fault::HugeHeader { bytes } => answer = answer.with("x-padding", &"x".repeat(*bytes)),
        Fault::MalformedJson => answer.body = Bytes::from_static(b"{\"rows\": [not JSON}"),
        Fault::TruncatedJson => answer.body.truncate(answer.body.len() / 2),
        Fault::AnotherShape => answer.body = Bytes::from_static(b"{\"another\":{\"shape\":[]}}"),
        Fault::EmptyBody => answer.body = Bytes::new(),
        Fault::InvalidUtf8 => answer.body = Bytes::from_static(b"[{\"name\":\"\xff\xfe\"}]"),
        Fault::DeepJson { depth } => {
            answer.body = format!("{}{}", "[".repeat(*depth), "]".repeat(*depth)).into();
        }
    }
    Delivery::Send(answer, pace)
}

/// The 429 of an endpoint. `reset` is in Unix seconds.
pub(crate) fn too_many_requests(
    endpoint: Endpoint,
    retry_after: Option<u64>,
    reset: Option<i64>,
) -> Answer {
    let mut answer = if endpoint == Endpoint::Token {
        Answer::oauth_error(
            429,
            "too_many_requests",
            "Rate limit exceeded. Please retry after some time.",
        )
    } else {
        Answer::error(429, Some("too_many_requests"), "Global limit has been reached")
    };
    if let Some(seconds) = retry_after {
        answer = answer.with("retry-after", &seconds.to_string());
    }
    if let Some(reset) = reset {
        answer = answer
            .with("x-ratelimit-limit", "10")
            .with("x-ratelimit-remaining", "0")
            .with("x-ratelimit-reset", &reset.to_string());
    }
    answer
}

fn link_to(answer: &mut Answer, host: &str) {
    let links = answer.headers.iter_mut().filter(|(name, _)| name == "link");
    for (_, link) in links {
        if let Some((_, path)) = link.split_once("/api/") {
            *link = format!("<https://{host}/api/{path}");
        }
    }
}
