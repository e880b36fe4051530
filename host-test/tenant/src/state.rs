//! The contents of a tenant, and what tests can change while it runs.

mod application;
mod faults;
mod logs;
mod stats;
mod users;

use crate::clock::Clock;
use crate::faults::Rule;
use crate::http::{Answer, Counter, Endpoint, Request};
use crate::logs::Logs;
use crate::options::Options;
use crate::random::Random;
use crate::rate_limit::RateLimiter;
use crate::stats::FixedDays;
use crate::token::Tokens;
use crate::users::{Users, generate};
use std::collections::HashMap;
use std::fmt;

/// The contents of a tenant, from [`Tenant::state`](crate::Tenant::state).
pub struct State {
    pub(crate) options: Options,
    pub(crate) clock: Clock,
    pub(crate) domain: String,
    pub(crate) users: Users,
    pub(crate) logs: Logs,
    pub(crate) tokens: Tokens,
    pub(crate) limits: RateLimiter,
    pub(crate) random: Random,
    pub(crate) rules: Vec<Rule>,
    pub(crate) requests: Vec<Request>,
    pub(crate) counter: Counter,
    pub(crate) previous: HashMap<Endpoint, Answer>,
    pub(crate) refusals: u64,
    scheduled: Vec<(u64, Change)>,
    fixed_stats: FixedDays,
}

/// A change that waits for its request.
type Change = Box<dyn FnOnce(&mut State) + Send>;

impl State {
    pub(crate) fn new(options: Options, clock: Clock) -> Self {
        let now = clock.now();
        let users = generate(&options, now);
        Self {
            domain: format!("acme-{}.eu.auth0.com", options.seed),
            logs: Logs::new(&options, &users, now),
            users: Users::new(users),
            tokens: Tokens::new(options.seed, &options.scopes),
            limits: RateLimiter::new(options.plan, now),
            random: Random::of(options.seed, 0x07de, 0),
            rules: Vec::new(),
            requests: Vec::new(),
            counter: Counter::default(),
            previous: HashMap::new(),
            refusals: 0,
            scheduled: Vec::new(),
            fixed_stats: FixedDays::new(),
            options,
            clock,
        }
    }

    /// The tenant's time in Unix ms.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// The options, some of which can be changed while the tenant runs:
    /// `index_lag`, `unstable_ties`, `page_limit`, `slow_search`, `stale_from`,
    /// `retry_after`, `token_lifetime`, `log_tokens`. Changes of the others
    /// have no effect.
    pub fn options(&mut self) -> &mut Options {
        &mut self.options
    }

    /// The requests since the start, or since they were forgotten.
    #[must_use]
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// Forgets the requests: the next one has number 1, for rules and
    /// scheduled changes as well.
    pub fn forget_requests(&mut self) {
        self.requests.clear();
        self.counter = Counter::default();
    }
}

impl fmt::Debug for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("State")
            .field("domain", &self.domain)
            .field("requests", &self.requests.len())
            .finish_non_exhaustive()
    }
}
