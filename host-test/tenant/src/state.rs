//! Everything the tenant holds, and what tests may change while it runs.

use crate::answer::Answer;
use crate::clock::{Clock, whole_ms};
use crate::endpoint::Endpoint;
use crate::faults::{Delivery, Rule};
use crate::instant::{DAY, day_of, rfc3339};
use crate::logs::{LogEntry, Logs, NewLog};
use crate::options::Options;
use crate::population;
use crate::random::Random;
use crate::rate_limit::RateLimiter;
use crate::requests::{Counter, Request};
use crate::stats::{Counted, DailyStats, Given, daily};
use crate::token::Tokens;
use crate::user::User;
use crate::users::Users;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What is in the tenant. Reached by [`Tenant::state`](crate::Tenant::state).
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
    pub(crate) scheduled: Vec<(u64, Change)>,
    pub(crate) previous: HashMap<Endpoint, Answer>,
    pub(crate) refusals: u64,
    given_stats: Given,
}

/// A change that waits for its request.
pub(crate) type Change = Box<dyn FnOnce(&mut State) + Send>;

impl State {
    pub(crate) fn new(options: Options, clock: Clock) -> Self {
        let now = clock.now();
        let users = population::users(&options, now);
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
            scheduled: Vec::new(),
            previous: HashMap::new(),
            refusals: 0,
            given_stats: Given::new(),
            options,
            clock,
        }
    }

    /// The tenant's time in Unix ms.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// The options, which may be changed while the tenant runs: `index_lag`,
    /// `unstable_ties`, `page_limit`, `slow_search`, `stale_from`,
    /// `retry_after`, `token_lifetime`, `log_tokens`. What is generated from
    /// the others stands.
    pub fn options(&mut self) -> &mut Options {
        &mut self.options
    }

    // Users

    /// All users as they are, by id, whatever the index shows.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.users.all().map(Arc::as_ref)
    }

    /// One user as it is.
    #[must_use]
    pub fn user(&self, id: &str) -> Option<&User> {
        self.users.get(id).map(Arc::as_ref)
    }

    /// Adds a user, or replaces the one of this id.
    pub fn put_user(&mut self, user: User) {
        let seen_at = self.seen_at();
        self.users.put(user, seen_at);
    }

    /// Changes a user as a login does: `updated_at` becomes now. Nothing
    /// happens when there is none of this id.
    pub fn update_user(&mut self, id: &str, change: impl FnOnce(&mut User)) {
        let Some(mut user) = self.user(id).cloned() else {
            return;
        };
        let now = rfc3339(self.now());
        user.set("updated_at", &now.into());
        change(&mut user);
        self.put_user(user);
    }

    /// Removes a user without a trace, and tells whether there was one.
    pub fn remove_user(&mut self, id: &str) -> bool {
        let seen_at = self.seen_at();
        self.users.remove(id, seen_at).is_some()
    }

    /// Removes a user as Auth0 does: a log row `sdu` about it is appended.
    pub fn delete_user(&mut self, id: &str) -> bool {
        let removed = self.remove_user(id);
        if removed {
            self.append_log(&NewLog::new("sdu", self.now()).about(id));
        }
        removed
    }

    fn seen_at(&self) -> i64 {
        self.now() + whole_ms(self.options.index_lag)
    }

    // Logs

    /// The log rows that can be read now, in the order of their ids.
    pub fn logs(&self) -> impl DoubleEndedIterator<Item = LogEntry> {
        self.logs.visible(self.now()).map(|entry| entry.to_entry())
    }

    /// Appends a log row and tells its id.
    pub fn append_log(&mut self, log: &NewLog) -> String {
        self.logs.append(log, self.clock.now())
    }

    /// Drops the log rows that were ingested before `unix_ms`, as retention
    /// does.
    pub fn drop_logs_before(&mut self, unix_ms: i64) {
        self.logs.drop_before(unix_ms);
    }

    // Statistics

    /// The daily statistics as they read now: ascending, quiet days missing.
    #[must_use]
    pub fn stats(&self) -> Vec<DailyStats> {
        let counted = Counted {
            seed: self.options.seed,
            events: self.logs.events(),
            since: self.logs.start(),
            signups: self.users.signups(),
        };
        daily(&counted, &self.given_stats, self.now())
    }

    /// Puts `json` in the place of the row of the day in which `unix_ms` lies,
    /// or makes that day quiet.
    pub fn set_stats(&mut self, unix_ms: i64, json: Option<&str>) {
        let row = json.map(str::to_owned);
        self.given_stats.insert(day_of(unix_ms), row);
    }

    /// How many users logged in during the last 30 days.
    #[must_use]
    pub fn active_users(&self) -> usize {
        let since = self.now() - 30 * DAY;
        self.users().filter(|user| user.last_login.is_some_and(|at| at >= since)).count()
    }

    // The application and its tokens

    /// Grants exactly these scopes to tokens that are given out from now on.
    pub fn set_scopes(&mut self, scopes: &[&str]) {
        self.tokens.scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    }

    /// Takes away or gives back the application's access to the Management
    /// API: 403 "create a client-grant".
    pub fn set_client_grant(&mut self, granted: bool) {
        self.tokens.has_client_grant = granted;
    }

    /// Takes away or gives back the grant type `client_credentials`: 403
    /// `unauthorized_client`.
    pub fn set_grant_type(&mut self, allowed: bool) {
        self.tokens.has_grant_type = allowed;
    }

    /// Makes another client secret the valid one. Tokens stay as they are.
    pub fn rotate_secret(&mut self, secret: &str) {
        secret.clone_into(&mut self.tokens.client_secret);
    }

    /// All tokens given out so far count no more.
    pub fn revoke_tokens(&mut self) {
        self.tokens.revoke_all();
    }

    /// All tokens given out so far have run out.
    pub fn expire_tokens(&mut self) {
        let now = self.now();
        self.tokens.expire_all(now);
    }

    // What goes wrong, and when

    /// Adds a rule. Where several befall one request, the first one does.
    pub fn fault(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    /// Forgets all rules.
    pub fn clear_faults(&mut self) {
        self.rules.clear();
    }

    /// Makes a change just before the request with this number, counted from
    /// 1, is answered.
    pub fn at_request(&mut self, number: u64, change: impl FnOnce(&mut Self) + Send + 'static) {
        self.scheduled.push((number, Box::new(change)));
    }

    /// Resets the next connections at once, before anything is read. Answers
    /// until then ask the client to close its connection; a request on one
    /// that is still open counts as a connection.
    pub fn refuse_connections(&mut self, connections: u64) {
        self.refusals = connections;
    }

    /// The requests that came since the start or since they were forgotten.
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

    pub(crate) fn lifetime_ms(&self) -> i64 {
        whole_ms(self.options.token_lifetime.max(Duration::from_millis(1)))
    }

    /// Counts a connection or a request that is refused.
    pub(crate) fn refuses(&mut self) -> bool {
        let refuses = self.refusals > 0;
        self.refusals = self.refusals.saturating_sub(1);
        refuses
    }

    pub(crate) fn run_scheduled(&mut self, number: u64) {
        while let Some(at) = self.scheduled.iter().position(|(due, _)| *due == number) {
            let (_, change) = self.scheduled.remove(at);
            change(self);
        }
    }

    pub(crate) fn record(&mut self, mut request: Request, delivery: &Delivery) {
        if let Delivery::Send(answer, _) = delivery {
            request.status = Some(answer.status);
        }
        self.requests.push(request);
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
