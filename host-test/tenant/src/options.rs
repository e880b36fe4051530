//! What a tenant is made of.

use crate::log_id::LogIds;
use crate::plan::Plan;
use std::time::Duration;

/// How a tenant is made. The same options at the same time make the same
/// tenant, byte for byte.
#[derive(Clone, Debug)]
pub struct Options {
    /// The seed of everything that is generated.
    pub seed: u64,
    /// How many users there are.
    pub users: u32,
    /// How many log rows there are, all visible from the start.
    pub logs: u32,
    /// Over how many days up to now the log rows are spread.
    pub days: u32,
    /// Over how many years up to now the users signed up.
    pub years: u32,
    /// The plan whose rate limits hold.
    pub plan: Plan,
    /// Whether a 429 of the Management API carries `Retry-After` too.
    pub retry_after: bool,
    /// The most rows of a page: `per_page` and `take` are clamped to it in
    /// silence. Auth0's own is 100.
    pub page_limit: u32,
    /// How long each request is under way, there and back, by the machine's
    /// clock: the network's time does not follow the tenant's.
    pub latency: Duration,
    /// How long the user search does not see a write.
    pub index_lag: Duration,
    /// How many of the users share one instant of `created_at`.
    pub ties: u32,
    /// Whether users of one instant come in another order at each request.
    pub unstable_ties: bool,
    /// Whether some users and log rows are odd: dates that are no dates,
    /// numbers for text, members twice, rows that are no objects. They stand
    /// among the `users` and `logs`, and only where these are at least 100.
    pub odd: bool,
    /// How many bytes of metadata each user carries.
    pub profile_bytes: u32,
    /// When the user search gives up with 503.
    pub slow_search: Option<SlowSearch>,
    /// The form of log ids.
    pub log_ids: LogIds,
    /// The days for which logs are kept; nothing: for ever.
    /// [`Plan::retention_days`] has those of a plan.
    pub retention_days: Option<u32>,
    /// What becomes of a `from` that is older than the oldest row kept.
    pub stale_from: StaleFrom,
    /// The scopes granted to the application.
    pub scopes: Vec<String>,
    /// How long a token is valid.
    pub token_lifetime: Duration,
    /// Whether each token that is given out writes a log row `seccft`.
    pub log_tokens: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            users: 250,
            logs: 2_000,
            days: 30,
            years: 4,
            plan: Plan::Unlimited,
            retry_after: false,
            page_limit: 100,
            latency: Duration::ZERO,
            index_lag: Duration::ZERO,
            ties: 0,
            unstable_ties: false,
            odd: true,
            profile_bytes: 0,
            slow_search: None,
            log_ids: LogIds::default(),
            retention_days: None,
            stale_from: StaleFrom::default(),
            scopes: ["read:users", "read:logs", "read:stats"].map(str::to_owned).to_vec(),
            token_lifetime: Duration::from_hours(24),
            log_tokens: false,
        }
    }
}

/// A search over a range of `created_at` or `updated_at` is too slow when
/// either bound is passed.
#[derive(Clone, Copy, Debug)]
pub struct SlowSearch {
    /// More users than this in the range.
    pub users: usize,
    /// A range wider than this. An open end counts as the oldest user or now.
    pub span: Duration,
}

/// What becomes of a `from` from before the oldest row kept. Auth0 does not
/// say; a client has to bear both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StaleFrom {
    /// The rows kept are served, without a word.
    #[default]
    Moved,
    /// 400 `invalid_query_string`.
    Refused,
}
