//! Rate limits: kept to, not run into.

use std::time::Duration;

use auth0_tenant::{Endpoint, Fault, Limit, Limits, Options, Plan, Refill, Rule};
use rawdash_host::contract::Mode;
use serde_json::json;

use crate::support::auth0::Auth0;

/// A tenant of some hundred pages.
async fn tenant(plan: Plan) -> Auth0 {
    let options =
        Options { plan, users: 600, logs: 1_500, page_limit: 6, odd: false, ..Options::default() };
    let mut auth0 = Auth0::new(options).await;
    auth0.options.request.mode = Mode::Full;
    auth0
}

fn refused(auth0: &Auth0) -> usize {
    auth0.tenant.requests().iter().filter(|sent| sent.status == Some(429)).count()
}

/// What was sent of what plan and share allow in the time that was waited, on
/// the endpoints whose limit is used most.
fn used(auth0: &Auth0, plan: Plan, share: f64) -> f64 {
    let waited: Duration = auth0.watcher.waits.iter().sum();
    let requests = auth0.tenant.requests();
    let part = |limit: Limit, counts: &dyn Fn(Endpoint) -> bool| {
        let sent = requests.iter().filter(|sent| counts(sent.endpoint)).count() as f64;
        let speed = match limit.refill {
            Refill::PerSecond(rate) => f64::from(rate),
            Refill::PerMinute(rate) => f64::from(rate) / 60.0,
        };
        sent / (share * (speed * waited.as_secs_f64() + f64::from(limit.burst)))
    };
    match plan.limits() {
        Limits::Global(limit) => part(limit, &|endpoint| endpoint != Endpoint::Token),
        Limits::PerGroup { users, logs, .. } => {
            part(users, &|endpoint| matches!(endpoint, Endpoint::Users | Endpoint::User))
                .max(part(logs, &|endpoint| endpoint == Endpoint::Logs))
        }
    }
}

const PLANS: [Plan; 8] = [
    Plan::Free,
    Plan::Essentials,
    Plan::Professional,
    Plan::Enterprise,
    Plan::EnterpriseNonProduction,
    Plan::PrivateCloudDev,
    Plan::PrivateCloud100,
    Plan::PrivateCloud500,
];

#[tokio::test(flavor = "multi_thread")]
async fn a_full_sync_of_some_hundred_pages_uses_the_limit_of_every_plan_and_meets_none() {
    let mut wrong = Vec::new();
    for plan in PLANS {
        for share in [0.8, 1.0] {
            let mut auth0 = tenant(plan).await;
            auth0.configure("rateLimitShare", json!(share));
            auth0.sync_well(Mode::Full).await;
            assert!(auth0.tenant.requests().len() > 300);
            let used = used(&auth0, plan, share);
            let waited: Duration = auth0.watcher.waits.iter().sum();
            let refused = refused(&auth0);
            // At first more than the share is used, to see the speed, and later
            // given back. Where bucket and speed are no limit, less is used.
            let fair = used < 1.05 / share && (used > 0.88 || waited < Duration::from_secs(15));
            if refused > 0 || !fair {
                wrong.push(format!("{plan}, share {share}: {used:.3} of what is allowed in {waited:?}, {refused} refused"));
            }
            assert_eq!(auth0.contents().changed(), auth0.users());
            assert_eq!(auth0.contents().event_ids(), auth0.events());
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_of_the_limit_leaves_the_rest_to_the_tenants_own_production() {
    for share in [0.25, 0.5] {
        let mut auth0 = tenant(Plan::Free).await;
        auth0.configure("rateLimitShare", json!(share));
        auth0.sync_well(Mode::Full).await;
        let waited: Duration = auth0.watcher.waits.iter().sum();
        let Limits::Global(limit) = Plan::Free.limits() else { panic!() };
        let Refill::PerSecond(speed) = limit.refill else { panic!() };
        let sent = auth0.tenant.requests().len() as f64 - f64::from(limit.burst);
        let used = sent / waited.as_secs_f64() / f64::from(speed);
        assert!(used <= share * 1.1, "{used} of the limit instead of {share}");
        assert_eq!(refused(&auth0), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_is_met_all_the_same_is_waited_for_as_long_as_it_says() {
    for (retry_after, reset_in) in [(None, Some(30)), (Some(30), None)] {
        let mut auth0 = tenant(Plan::Unlimited).await;
        let limited = Fault::TooManyRequests { retry_after, reset_in };
        auth0.tenant.state().fault(Rule::on(Endpoint::Logs, limited).nth(20));
        auth0.sync_well(Mode::Full).await;
        let waited: Duration = auth0.watcher.waits.iter().sum();
        assert!(waited >= Duration::from_secs(29), "{waited:?}");
        assert!(waited <= Duration::from_secs(60), "{waited:?}");
        assert_eq!(auth0.contents().event_ids(), auth0.events());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_too_far_away_to_wait_for_ends_the_command_with_the_time_to_come_back() {
    let mut auth0 = tenant(Plan::Unlimited).await;
    auth0.options.max_wait = Duration::from_secs(60);
    let limited = Fault::TooManyRequests { retry_after: None, reset_in: Some(3_000) };
    auth0.tenant.state().fault(Rule::on(Endpoint::Logs, limited).nth(20));
    let report = auth0.sync_mode(Mode::Full).await;
    assert_eq!(report.exit().code(), 75, "{report:#?}");
    assert!(!report.done);
    let failure = report.failure.unwrap();
    assert!(failure.message.contains("2026-03-01T12:5"), "{}", failure.message);
    assert!(failure.retry_after_ms.is_some_and(|pause| pause > 2_900_000));
    assert_eq!(auth0.contents().changed(), auth0.users(), "the others came");
    auth0.pass(Duration::from_secs(3_001));
    auth0.tenant.state().clear_faults();
    assert!(auth0.sync_well(Mode::Full).await.resumed);
    assert_eq!(auth0.contents().event_ids(), auth0.events());
}
