//! Refusals, outages, and what is said of them.

use auth0_tenant::{Endpoint, Fault, Options, Rule};
use rawdash_connector_sdk::contract::failure::FailureKind;

use crate::driver::{Driver, EVENTS, STATS, USERS, plain};

/// R4: the network edge answers a request.
#[test]
fn one_answer_of_the_edge_costs_an_attempt_and_nothing_else() {
    let mut driver = Driver::new(plain(700, 200));
    driver.tenant.state().fault(Rule::on(Endpoint::Users, Fault::edge_challenge()).nth(5));
    assert_eq!(driver.sync(), None);
    assert_eq!(driver.ending(USERS), None);
    assert!(driver.has_all_users());
}

#[test]
fn an_edge_that_blocks_for_long_postpones_and_blames_no_scope() {
    let mut driver = Driver::new(plain(300, 200));
    assert_eq!(driver.sync(), None);
    for endpoint in [Endpoint::Users, Endpoint::Logs, Endpoint::Stats] {
        driver.tenant.state().fault(Rule::on(endpoint, Fault::edge_challenge()).always());
    }
    assert_eq!(driver.sync_full(), None);
    for name in [USERS, EVENTS, STATS] {
        assert_eq!(driver.ending(name), Some(("postponed", FailureKind::Transient)), "{name}");
        let message = driver.message(name);
        assert!(message.contains("network edge") && !message.contains("scope"), "{message}");
    }
    assert!(driver.has_all_users());
}

#[test]
fn a_missing_scope_fails_one_resource_and_names_the_scope() {
    let mut driver = Driver::new(Options {
        scopes: vec!["read:users".to_owned(), "read:stats".to_owned()],
        ..plain(30, 30)
    });
    assert_eq!(driver.sync(), None);
    assert_eq!(driver.ending(EVENTS), Some(("failed", FailureKind::Permission)));
    assert!(driver.message(EVENTS).contains("`read:logs`"));
    assert!(driver.has_all_users() && !driver.store.samples.is_empty());
}

#[test]
fn what_is_not_a_tenant_is_misdirected() {
    for fault in [
        Fault::html_page(200),
        Fault::html_page(404),
        Fault::redirect("https://login.hotel.example/"),
        Fault::redirect("https://elsewhere.auth0.com/oauth/token"),
    ] {
        let mut driver = Driver::new(plain(3, 3));
        driver.tenant.state().fault(Rule::on(Endpoint::Token, fault).always());
        let failure = driver.sync().unwrap();
        assert_eq!(failure.kind, FailureKind::Misdirected, "{failure:?}");
        assert!(failure.message.contains(&driver.tenant.domain()), "{failure:?}");
    }
}

/// A network login that answers everything with its own page.
#[test]
fn web_pages_in_the_place_of_users_postpone_them_soon() {
    let mut driver = Driver::new(plain(300, 0));
    assert_eq!(driver.sync(), None);
    driver.tenant.state().fault(Rule::on(Endpoint::Users, Fault::html_page(200)).always());
    assert_eq!(driver.sync_full(), None);
    assert_eq!(driver.ending(USERS), Some(("postponed", FailureKind::Transient)));
    assert!(driver.requests < 20, "{} requests", driver.requests);
    assert!(driver.has_all_users());
}

#[test]
fn a_token_that_is_refused_for_an_unknown_reason_shows_auth0s_own() {
    let mut driver = Driver::new(plain(3, 3));
    let refusal = Fault::token_refused("access_denied", "Blocked by policy 7.");
    driver.tenant.state().fault(Rule::on(Endpoint::Token, refusal).always());
    let failure = driver.sync().unwrap();
    assert_eq!(failure.kind, FailureKind::Authentication);
    assert!(failure.message.contains("Blocked by policy 7."), "{}", failure.message);
}

#[test]
fn tokens_that_are_revoked_in_the_middle_are_renewed() {
    let mut driver = Driver::new(plain(700, 700));
    driver.tenant.state().at_request(9, |state| state.revoke_tokens());
    assert_eq!(driver.sync(), None);
    assert!(driver.has_all_users());
}

#[test]
fn occasional_faults_of_every_kind_cost_nothing() {
    for fault in [
        Fault::ResetBeforeHeaders,
        Fault::ResetInBody { after: 100 },
        Fault::internal_error(),
        Fault::bad_gateway(),
        Fault::slow_search(),
        Fault::RetryAfterDate { seconds: 5 },
        Fault::TooManyRequests { retry_after: None, reset_in: Some(4_000_000_000) },
        Fault::MalformedJson,
        Fault::PreviousPage,
        Fault::edge_challenge(),
        Fault::EmptyBody,
    ] {
        let what = format!("{fault:?}");
        let mut driver = Driver::new(plain(700, 700));
        driver.tenant.state().fault(Rule::any(fault).one_in(7));
        assert_eq!(driver.sync(), None, "{what}");
        driver.tenant.state().clear_faults();
        assert_eq!(driver.sync(), None, "{what}");
        assert!(driver.has_all_users(), "{what}: {} users", driver.store.users.len());
        let stored = ["s", "f", "seacft", "fp"];
        let expected = {
            let state = driver.tenant.state();
            state.logs().filter(|entry| stored.contains(&entry.kind.as_str())).count()
        };
        assert_eq!(driver.store.events.len(), expected, "{what}");
    }
}
