//! One endpoint that is down for whole syncs, while the others are well: they are
//! exact after each, and nothing is lost once it answers again.

use std::time::Duration;

use auth0_tenant::{Day, Endpoint, Fault, Options, Rule};
use rawdash_host::contract::Mode;
use rawdash_host::report::ResourceState;

use crate::support::auth0::Auth0;

const DAY: Duration = Duration::from_hours(24);
const RESOURCES: [(Endpoint, &str); 3] = [
    (Endpoint::Users, "auth0_user"),
    (Endpoint::Logs, "auth0_login_event"),
    (Endpoint::Stats, "auth0_daily_active_users"),
];

/// A tenant that was synced, and the first day (Unix ms) of its statistics there.
async fn synced() -> (Auth0, i64) {
    let options = Options { users: 130, logs: 250, odd: false, ..Options::default() };
    let mut auth0 = Auth0::new(options).await;
    let first = auth0.clock.now() - 30 * 86_400_000;
    auth0.sync_well(Mode::Auto).await;
    auth0.tenant.state().schedule_days(6, Day { logins: 4, signups: 2 });
    (auth0, first)
}

/// Whether everything of a resource is stored, and nothing else.
fn is_exact(auth0: &Auth0, resource: &str, first: i64) -> bool {
    let contents = auth0.contents();
    match resource {
        "auth0_user" => contents.changed() == auth0.users(),
        "auth0_login_event" => contents.event_ids() == auth0.events(),
        _ => contents.samples == auth0.samples(first),
    }
}

/// An outage of an endpoint, which the resource alone reads, for so many syncs, one
/// a day.
async fn outlive(endpoint: Endpoint, resource: &str, fault: &Fault, syncs: u32) {
    let what = format!("{resource}, {syncs} syncs, {fault:?}");
    let (mut auth0, first) = synced().await;
    let outage = Rule::on(endpoint, fault.clone()).always();
    let outage = auth0.tenant.state().switch_on(outage);
    for _ in 0..syncs {
        auth0.pass(DAY);
        let report = auth0.sync_mode(Mode::Auto).await;
        assert_eq!(report.exit().code(), 75, "{what}: {report:#?}");
        for (_, other) in RESOURCES {
            let complete = report.resources[other].state == ResourceState::Complete;
            assert_eq!(complete, other != resource, "{what}: {report:#?}");
            assert!(!complete || is_exact(&auth0, other, first), "{what}: {other}");
        }
    }
    auth0.tenant.state().switch_off(outage);
    auth0.pass(DAY);
    auth0.sync_well(Mode::Auto).await;
    for (_, any) in RESOURCES {
        assert!(is_exact(&auth0, any, first), "{what}: {any} in the end");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_down_for_whole_syncs_costs_no_resource_a_row() {
    for (endpoint, resource) in RESOURCES {
        for fault in [Fault::bad_gateway(), Fault::edge_challenge()] {
            outlive(endpoint, resource, &fault, 1).await;
            outlive(endpoint, resource, &fault, 3).await;
        }
    }
}
