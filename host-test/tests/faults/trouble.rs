//! The faults, each with its name and the requests that it can befall.

use auth0_tenant::{Endpoint, Fault, State};

/// One row of the table.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    pub(crate) name: &'static str,
    pub(crate) cause: Cause,
    /// The endpoints that it befalls; none for all requests.
    pub(crate) endpoints: &'static [Endpoint],
    /// The first request of an endpoint, or of all, that it can befall.
    pub(crate) from: u64,
    /// How many requests in turn it befalls; each number is tried.
    pub(crate) times: &'static [u64],
}

/// What goes wrong.
#[derive(Clone, Debug)]
pub(crate) enum Cause {
    /// The answer, once or again and again.
    Answer(Fault),
    /// The tenant changes just before it answers.
    Change(fn(&mut State)),
    /// The tenant resets the connection and listens no more until the next
    /// command.
    Refusal,
    /// The tokens lose this scope, of the resource of this name, for good.
    Scope(&'static str, &'static str),
}

const ALL: &[Endpoint] =
    &[Endpoint::Token, Endpoint::Users, Endpoint::User, Endpoint::Logs, Endpoint::Stats];
const API: &[Endpoint] = &[Endpoint::Users, Endpoint::User, Endpoint::Logs, Endpoint::Stats];
const PAGES: &[Endpoint] = &[Endpoint::Users, Endpoint::Logs];

fn answer(name: &'static str, fault: Fault) -> Trouble {
    Trouble { name, cause: Cause::Answer(fault), endpoints: ALL, from: 1, times: &[1] }
}

fn limit(name: &'static str, retry_after: Option<u64>, reset_in: Option<i64>) -> Trouble {
    answer(name, Fault::TooManyRequests { retry_after, reset_in })
}

/// Behind the token request: before it there is none to lose.
fn change(name: &'static str, change: fn(&mut State)) -> Trouble {
    Trouble { name, cause: Cause::Change(change), endpoints: &[], from: 2, times: &[1] }
}

fn scope(name: &'static str, scope: &'static str, resource: &'static str) -> Trouble {
    Trouble { name, cause: Cause::Scope(scope, resource), endpoints: &[], from: 1, times: &[1] }
}

impl Trouble {
    fn only(self, endpoints: &'static [Endpoint]) -> Self {
        Trouble { endpoints, ..self }
    }

    fn from(self, from: u64) -> Self {
        Trouble { from, ..self }
    }

    /// Also tried so that it outlasts the tries of a request.
    fn lasting(self) -> Self {
        self.times(&[1, 6])
    }

    fn times(self, times: &'static [u64]) -> Self {
        Trouble { times, ..self }
    }
}

/// All of them.
pub(crate) fn troubles() -> Vec<Trouble> {
    let refused = Trouble {
        name: "connection refused",
        cause: Cause::Refusal,
        endpoints: ALL,
        from: 1,
        times: &[1],
    };
    vec![
        refused,
        answer("reset before the headers", Fault::ResetBeforeHeaders).lasting(),
        answer("reset in mid-body", Fault::ResetInBody { after: 40 }),
        answer("headers that never come", Fault::NoHeaders).lasting(),
        answer("body that stalls", Fault::Stall { after: 40 }).lasting(),
        answer("body one byte at a time", Fault::ByteByByte),
        answer("408", Fault::request_timeout()).lasting(),
        limit("429 with Retry-After", Some(30), Some(20)),
        limit("429 with X-RateLimit-Reset", None, Some(30)).lasting(),
        limit("429 with neither", None, None).lasting(),
        limit("429 with a reset far away", None, Some(7200)),
        answer("500", Fault::internal_error()).lasting(),
        answer("502 with an HTML page", Fault::bad_gateway()).lasting(),
        // Not lasting: users without a date are not waited for when their search is
        // too slow each time, which is a test of its own.
        answer("503 slow search", Fault::slow_search()).only(&[Endpoint::Users]),
        answer("524", Fault::origin_timeout()),
        answer("401 from one answer", Fault::token_revoked()).only(API),
        change("401, token revoked", State::revoke_tokens),
        change("401, token expired", State::expire_tokens),
        answer("400, token malformed", Fault::malformed_bearer()).only(API),
        scope("403 for read:users", "read:users", "auth0_user"),
        scope("403 for read:logs", "read:logs", "auth0_login_event"),
        scope("403 for read:stats", "read:stats", "auth0_daily_active_users"),
        answer("token 429", Fault::token_quota(60)).only(&[Endpoint::Token]).lasting(),
        answer("token limit as a 500", Fault::global_limit()).only(&[Endpoint::Token]).lasting(),
        answer("malformed JSON", Fault::MalformedJson).lasting(),
        answer("truncated JSON", Fault::TruncatedJson),
        answer("JSON of another shape", Fault::AnotherShape),
        answer("empty body", Fault::EmptyBody),
        answer("page served again", Fault::PreviousPage).only(PAGES).from(2),
        // Twelve times: none of the five passes over a set shows all of it.
        answer("page that does not advance", Fault::PreviousPage)
            .only(PAGES)
            .from(2)
            .times(&[4, 12]),
        answer("Link to another host", Fault::LinkToHost("evil.example.com".to_owned()))
            .only(&[Endpoint::Logs]),
        answer("gzip nobody asked for", Fault::Gzip),
        answer("body far beyond the limit", Fault::Padded { bytes: 64 << 20 }).lasting(),
        answer("headers of 1 MB", Fault::HugeHeader { bytes: 1 << 20 }),
        answer("invalid UTF-8", Fault::InvalidUtf8).lasting(),
        answer("JSON nested 100,000 deep", Fault::DeepJson { depth: 100_000 }),
    ]
}
