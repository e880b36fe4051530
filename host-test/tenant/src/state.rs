//! The contents of a tenant, and what tests can change while it runs.

mod application;
mod faults;
mod logs;
mod requests;
mod schedule;
mod stats;
mod users;

use crate::clock::Clock;
use crate::faults::Rules;
use crate::http::{Answer, Endpoint, Request};
use crate::logs::Logs;
use crate::options::Options;
use crate::random::Random;
use crate::rate_limit::RateLimiter;
use crate::stats::FixedDays;
use crate::token::Tokens;
use crate::users::{Users, generate};
use schedule::Schedule;
use std::collections::HashMap;
use std::fmt;

pub use schedule::Day;

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
    pub(crate) rules: Rules,
    pub(crate) previous: HashMap<Endpoint, Answer>,
    pub(crate) refusals: u64,
    requests: Vec<Request>,
    received: u64,
    schedule: Schedule,
    fixed_stats: FixedDays,
    newcomers: u64,
}

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
            rules: Rules::default(),
            previous: HashMap::new(),
            refusals: 0,
            requests: Vec::new(),
            received: 0,
            schedule: Schedule::default(),
            newcomers: 0,
            fixed_stats: FixedDays::new(),
            options,
            clock,
        }
    }

    /// The tenant's time in Unix ms; in a change that was scheduled with
    /// [`at`](Self::at), that instant.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.schedule.acting_at.unwrap_or_else(|| self.clock.now())
    }

    /// The options, some of which can be changed while the tenant runs:
    /// `index_lag`, `unstable_ties`, `page_limit`, `slow_search`, `stale_from`,
    /// `retry_after`, `token_lifetime`, `log_tokens`. Changes of the others
    /// have no effect.
    pub fn options(&mut self) -> &mut Options {
        &mut self.options
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
