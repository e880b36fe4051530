//! How a tenant is generated and behaves.

use crate::logs::{LogIds, LogMix};
use crate::rate_limit::Plan;
use std::time::Duration;

/// The fewest users or log rows among which some are odd.
const FEWEST_WITH_ODD: u32 = 100;

/// How a tenant is generated and behaves. The same options at the same time
/// generate the same tenant, byte for byte.
#[derive(Clone, Debug)]
pub struct Options {
    /// The seed of everything that is generated.
    pub seed: u64,
    /// The number of users.
    pub users: u32,
    /// The number of log rows, all visible from the start.
    pub logs: u32,
    /// The number of days up to now over which the log rows are spread.
    pub days: u32,
    /// The number of years up to now over which the users signed up.
    pub years: u32,
    /// The plan whose rate limits apply.
    pub plan: Plan,
    /// Whether a 429 of the rate limit has `Retry-After` too.
    pub retry_after: bool,
    /// The most rows of a page, to which `per_page` and `take` are clamped
    /// without an error. Auth0's own limit is 100.
    pub page_limit: u32,
    /// The time of a request's round trip, by the machine's clock: the tenant's
    /// does not affect the network.
    pub latency: Duration,
    /// How long it takes until the user search shows a write.
    pub index_lag: Duration,
    /// The number of users who share one `created_at`.
    pub ties: u32,
    /// Whether users of one instant are in a different order in each answer.
    pub unstable_ties: bool,
    /// Whether some users and log rows are odd: dates that are not dates,
    /// numbers instead of text, repeated members, rows that are not objects.
    /// They are among the `users` and `logs`, if these are at least 100.
    pub odd: bool,
    /// The bytes of metadata of each user.
    pub profile_bytes: u32,
    /// When the user search times out with 503.
    pub slow_search: Option<SlowSearch>,
    /// How often each type occurs among the log rows.
    pub log_mix: LogMix,
    /// The form of log ids.
    pub log_ids: LogIds,
    /// The number of days for which logs are kept; `None` keeps them for ever.
    /// Rows expire as the clock moves. [`Plan::retention_days`] has the
    /// number of a plan.
    pub retention_days: Option<u32>,
    /// The answer to a `from` that is older than the oldest row kept.
    pub stale_from: StaleFrom,
    /// The scopes that are granted to the application.
    pub scopes: Vec<String>,
    /// How long a token is valid.
    pub token_lifetime: Duration,
    /// Whether each issued token writes a log row `seccft`.
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
            log_mix: LogMix::default(),
            log_ids: LogIds::default(),
            retention_days: None,
            stale_from: StaleFrom::default(),
            scopes: ["read:users", "read:logs", "read:stats"].map(str::to_owned).to_vec(),
            token_lifetime: Duration::from_hours(24),
            log_tokens: false,
        }
    }
}

impl Options {
    /// Whether some of so many rows are odd.
    pub(crate) fn has_odd_rows(&self, rows: u32) -> bool {
        self.odd && rows >= FEWEST_WITH_ODD
    }
}

/// A search over a range of `created_at` or `updated_at` is too slow when it
/// exceeds either limit.
#[derive(Clone, Copy, Debug)]
pub struct SlowSearch {
    /// The most users in the range.
    pub users: usize,
    /// The widest range. An open end counts as the oldest user or now.
    pub span: Duration,
}

/// The answer to a `from` from before the oldest row kept. Auth0 documents
/// neither, so a client must handle both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StaleFrom {
    /// The rows that are kept, without any sign of a gap.
    #[default]
    Moved,
    /// 400 `invalid_query_string`.
    Refused,
}
