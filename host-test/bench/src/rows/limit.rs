//! How much of the tenant's rate limit a sync uses.

use std::sync::Arc;
use std::time::Duration;

use auth0_tenant::{Clock, Endpoint, Limit, Limits, Options, Plan, Refill, Tenant};
use time::OffsetDateTime;

use crate::discard::Discard;
use crate::measured::Measured;
use crate::pages::{NOW, Rows};
use crate::table::{Bound, Comparison, Figure};
use crate::workload::{Workload, settings, sync};
use rawdash_host::clock::DrivenClock;
use rawdash_host::component::Connector;
use rawdash_host::contract::Mode;
use rawdash_host::failure::FailureReport;
use rawdash_host::report::ResourceState;
use rawdash_host::run::RunObserver;

const SHARE: f64 = 0.8;
/// The approximate shortest length of the syncs on a driven clock.
const DRIVEN_SECONDS: f64 = 120.0;
const PAGE: u32 = 6;

pub(super) async fn rows(component: &[u8]) -> Measured<Vec<Comparison>> {
    let mut rows = vec![far_away(component).await?];
    for plan in Plan::ALL.into_iter().filter(|plan| *plan != Plan::Unlimited) {
        rows.extend(first(component, plan).await?);
    }
    Ok(rows)
}

/// Many users at a high latency.
async fn far_away(component: &[u8]) -> Measured<Comparison> {
    let (users, latency, plan) = (20_000, Duration::from_millis(200), Plan::Enterprise);
    let options = Options { users, logs: 0, latency, plan, odd: false, ..Options::default() };
    let tenant = Tenant::start(options, Clock::system()).await?;
    let resources = vec!["users".to_owned()];
    let workload = Workload { resources, share: SHARE, ..Workload::of(tenant.announcement()) };
    let wall = workload.run(component).await?.wall;
    Ok(row(format!("{users} users at 200ms latency, plan {plan}"), &tenant, plan, wall))
}

/// A first sync of everything and one of the users alone.
async fn first(component: &[u8], plan: Plan) -> Measured<[Comparison; 2]> {
    let all = Driven::sync(component, plan, &[]).await?;
    let alone = Driven::sync(component, plan, &["users"]).await?;
    let what = format!("a first sync on plan {plan}, {} s on a driven clock", all.took.as_secs());
    Ok([
        row(what, &all.tenant, plan, all.took),
        Comparison::new(
            "the same: time until the users are complete",
            format!("users alone: {} s", alone.took.as_secs()),
            Figure::Times(all.users.as_secs_f64() / alone.users.as_secs_f64()),
            Some(Bound::AtMost(Figure::Times(1.2))),
        ),
    ])
}

/// A long sync on a driven clock, on which only waits take time.
struct Driven {
    tenant: Tenant,
    took: Duration,
    /// Until the users were complete.
    users: Duration,
}

impl Driven {
    async fn sync(component: &[u8], plan: Plan, resources: &[&str]) -> Measured<Driven> {
        let start = OffsetDateTime::from_unix_timestamp(NOW)?;
        let mut passing = Passing {
            tenant: Clock::fixed(NOW * 1000),
            host: DrivenClock::new(start),
            passed: Duration::ZERO,
            users: None,
        };
        let tenant = Tenant::start(large(plan), passing.tenant.clone()).await?;
        let connector = Connector::load(component)?;
        let settings = settings(&tenant.announcement(), resources, SHARE)?;
        let (mode, clock) = (Mode::Full, Arc::new(passing.host.clone()));
        sync(&connector, &settings, mode, clock, &mut Discard, &mut passing).await?;
        let users = passing.users.ok_or("the users were not read")?;
        Ok(Driven { tenant, took: passing.passed, users })
    }
}

/// A tenant of which a first sync takes some minutes.
fn large(plan: Plan) -> Options {
    let requests = (DRIVEN_SECONDS * fastest(plan) * SHARE).max(300.0) as u32;
    Options {
        plan,
        users: (requests * PAGE).min(6_000),
        logs: requests * PAGE,
        page_limit: PAGE,
        odd: false,
        ..Options::default()
    }
}

fn row(what: String, tenant: &Tenant, plan: Plan, took: Duration) -> Comparison {
    let refused = tenant.requests().iter().filter(|sent| sent.status == Some(429)).count();
    let figure = if refused == 0 { used(tenant, plan, took) } else { 0.0 };
    Comparison::new(
        format!("{what}; {refused} responses 429"),
        format!("what the limit and a share of {SHARE} allow"),
        Figure::Part(figure),
        Some(Bound::AtLeast(Figure::Part(0.97))),
    )
}

/// The requests sent as a part of those that the limit and the share allow in a
/// time, on the endpoints whose limit is used most.
fn used(tenant: &Tenant, plan: Plan, took: Duration) -> f64 {
    let requests = tenant.requests();
    let part = |limit: Limit, counts: &dyn Fn(Endpoint) -> bool| {
        let sent = requests.iter().filter(|sent| counts(sent.endpoint)).count() as f64;
        sent / (SHARE * (speed(limit) * took.as_secs_f64() + f64::from(limit.burst)))
    };
    match plan.limits() {
        Limits::Global(limit) => part(limit, &|endpoint| endpoint != Endpoint::Token),
        Limits::PerGroup { users, logs, .. } => {
            part(users, &|endpoint| matches!(endpoint, Endpoint::Users | Endpoint::User))
                .max(part(logs, &|endpoint| endpoint == Endpoint::Logs))
        }
    }
}

fn fastest(plan: Plan) -> f64 {
    match plan.limits() {
        Limits::Global(limit) => speed(limit),
        Limits::PerGroup { users, .. } => speed(users),
    }
}

/// Requests a second.
fn speed(limit: Limit) -> f64 {
    match limit.refill {
        Refill::PerSecond(rate) => f64::from(rate),
        Refill::PerMinute(rate) => f64::from(rate) / 60.0,
    }
}

/// Advances the clock of tenant and host by each wait.
struct Passing {
    tenant: Clock,
    host: DrivenClock,
    passed: Duration,
    /// Until the first run of the users was complete. Users whom the log says were
    /// deleted may cause another run.
    users: Option<Duration>,
}

impl RunObserver for Passing {
    fn waiting(&mut self, span: Duration, _: Option<&FailureReport>) {
        self.passed += span;
        self.tenant.advance(span);
        self.host.advance(span);
    }

    fn ended(&mut self, resource: &str, _: ResourceState) {
        if resource == Rows::Users.name() {
            self.users.get_or_insert(self.passed);
        }
    }
}
