//! Tokens, scopes and outages: what can still be had comes, and a person is
//! told what to do about the rest.

use std::time::Duration;

use auth0_tenant::{Answer, Endpoint, Fault, Options, Rule, State};
use rawdash_host::contract::Mode;
use rawdash_host::report::Report;
use rawdash_host::run::ConfiguredInstance;
use std::sync::Arc;

use crate::support::auth0::{Auth0, connector};

/// Something that changes in the tenant.
type Change = fn(&mut State);

async fn tenant() -> Auth0 {
    Auth0::new(Options { users: 800, logs: 1_500, odd: false, ..Options::default() }).await
}

fn all_came(auth0: &Auth0) {
    let contents = auth0.contents();
    assert_eq!(contents.changed(), auth0.users());
    assert_eq!(contents.event_ids(), auth0.events());
    assert_eq!(contents.samples, auth0.samples(auth0.clock.now() - 30 * 86_400_000));
}

fn message(report: &Report) -> String {
    let failure = report.failure.as_ref().unwrap_or_else(|| panic!("{report:#?}"));
    failure.message.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ends_in_mid_run_costs_one_new_token_and_no_row() {
    let ends: [Change; 2] = [State::revoke_tokens, State::expire_tokens];
    for end in ends {
        let mut auth0 = tenant().await;
        auth0.tenant.state().at_request(9, end);
        auth0.sync_well(Mode::Full).await;
        all_came(&auth0);
        assert_eq!(auth0.asked_for("/oauth/token"), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_called_malformed_costs_one_new_token() {
    let mut auth0 = tenant().await;
    auth0.tenant.state().fault(Rule::on(Endpoint::Users, Fault::malformed_bearer()).nth(3));
    auth0.sync_well(Mode::Full).await;
    all_came(&auth0);
    assert_eq!(auth0.asked_for("/oauth/token"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_live_shorter_than_the_run_are_renewed() {
    let mut auth0 = tenant().await;
    auth0.tenant.state().options().token_lifetime = Duration::from_secs(70);
    for number in 1..40 {
        let pass = (auth0.clock.clone(), auth0.driven.clone());
        auth0.tenant.state().at_request(number, move |_| {
            pass.0.advance(Duration::from_secs(4));
            pass.1.advance(Duration::from_secs(4));
        });
    }
    auth0.sync_well(Mode::Full).await;
    assert!(auth0.asked_for("/oauth/token") > 2);
    assert_eq!(auth0.contents().changed(), auth0.users());
    let refused = auth0.tenant.requests().iter().filter(|sent| sent.status == Some(401)).count();
    assert_eq!(refused, 0, "renewed before they end");
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_are_refused_end_at_once_and_say_what_to_do() {
    let refusals: [(Change, &str); 3] = [
        (|state| state.rotate_secret("another"), "Client Secret"),
        (|state| state.set_client_grant(false), "authorize it"),
        (|state| state.set_grant_type(false), "Client Credentials"),
    ];
    for (refuse, remedy) in refusals {
        let mut auth0 = tenant().await;
        refuse(&mut auth0.tenant.state());
        let report = auth0.sync().await;
        assert_eq!(report.exit().code(), 77, "{report:#?}");
        assert!(message(&report).contains(remedy), "{}", message(&report));
        assert_eq!(auth0.tenant.requests().len(), 1, "no second try");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_rotated_in_mid_run_loses_nothing_that_was_read() {
    let mut auth0 = tenant().await;
    auth0.tenant.state().at_request(12, |state| {
        state.rotate_secret("another");
        state.revoke_tokens();
    });
    let report = auth0.sync_mode(Mode::Full).await;
    assert_eq!(report.exit().code(), 77);
    auth0.settings.secrets[0].value = "another".to_owned();
    auth0.tenant.state().forget_requests();
    let report = auth0.sync_well(Mode::Full).await;
    assert!(report.resumed);
    all_came(&auth0);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_are_given_and_never_accepted_end_the_run() {
    let mut auth0 = tenant().await;
    for endpoint in [Endpoint::Users, Endpoint::Logs, Endpoint::Stats] {
        auth0.tenant.state().fault(Rule::on(endpoint, Fault::token_revoked()).always());
    }
    let report = auth0.sync().await;
    assert_eq!(report.exit().code(), 77, "{report:#?}");
    assert!(auth0.tenant.requests().len() < 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rate_limit_that_comes_as_a_500_is_waited_for() {
    let mut auth0 = tenant().await;
    auth0.tenant.state().fault(Rule::on(Endpoint::Token, Fault::global_limit()).times(2));
    auth0.sync_well(Mode::Full).await;
    all_came(&auth0);
    assert_eq!(auth0.watcher.waits.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_limit_that_stays_is_told_as_a_limit_and_not_as_bad_credentials() {
    let mut auth0 = tenant().await;
    auth0.tenant.state().fault(Rule::on(Endpoint::Token, Fault::global_limit()).always());
    let report = auth0.sync().await;
    assert_eq!(report.exit().code(), 75);
    assert_eq!(report.failure.unwrap().kind, "rate-limited");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_scope_fails_its_resource_alone_and_is_named() {
    for (scope, resource) in [
        ("read:users", "auth0_user"),
        ("read:logs", "auth0_login_event"),
        ("read:stats", "auth0_daily_active_users"),
    ] {
        let mut auth0 = tenant().await;
        let granted: Vec<_> =
            ["read:users", "read:logs", "read:stats"].into_iter().filter(|s| *s != scope).collect();
        auth0.tenant.state().set_scopes(&granted);
        let report = auth0.sync().await;
        assert_eq!(report.exit().code(), 77, "{report:#?}");
        for (name, came) in &report.resources {
            let failure = came.failure.as_ref();
            assert_eq!(failure.is_some(), name == resource, "{name}");
            assert!(failure.is_none_or(|failure| failure.message.contains(scope)));
        }
        let contents = auth0.contents();
        assert_eq!(contents.users.is_empty(), resource == "auth0_user");
        assert_eq!(contents.events.is_empty(), resource == "auth0_login_event");
        assert_eq!(contents.samples.is_empty(), resource == "auth0_daily_active_users");
        // Granted later, even a latest run reads all of it.
        auth0.tenant.state().set_scopes(&["read:users", "read:logs", "read:stats"]);
        auth0.sync_well(Mode::Latest).await;
        all_came(&auth0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_that_is_taken_away_removes_nothing_that_was_stored() {
    let mut auth0 = tenant().await;
    auth0.sync_well(Mode::Full).await;
    let before = auth0.contents();
    auth0.tenant.state().set_scopes(&["read:stats"]);
    auth0.tenant.state().revoke_tokens();
    let report = auth0.sync_mode(Mode::Full).await;
    assert_eq!(report.exit().code(), 77);
    assert_eq!(auth0.contents(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_names_the_scope_that_is_missing() {
    let auth0 = tenant().await;
    auth0.tenant.state().set_scopes(&["read:users", "read:stats"]);
    let connector = connector();
    let about = connector.describe().await.unwrap();
    let clock: rawdash_host::clock::SharedClock = Arc::new(auth0.driven.clone());
    let opened = ConfiguredInstance::open(&connector, &about, &auth0.settings, &clock, None).await;
    let checked = opened.unwrap_or_else(|failure| panic!("{failure:?}")).check().await.unwrap();
    let names: Vec<_> =
        checked.iter().map(|(name, outcome)| (name.as_str(), outcome.is_ok())).collect();
    assert_eq!(
        names,
        [("auth0_user", true), ("auth0_login_event", false), ("auth0_daily_active_users", true)]
    );
    let failure = checked[1].1.as_ref().unwrap_err();
    assert!(failure.kind == "permission" && failure.message.contains("read:logs"), "{failure:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn outages_of_a_moment_cost_no_row() {
    let faults = [
        Fault::ResetBeforeHeaders,
        Fault::ResetInBody { after: 900 },
        Fault::Stall { after: 900 },
        Fault::NoHeaders,
        Fault::internal_error(),
        Fault::bad_gateway(),
        Fault::origin_timeout(),
        Fault::request_timeout(),
        Fault::MalformedJson,
        Fault::TruncatedJson,
        Fault::AnotherShape,
        Fault::EmptyBody,
        Fault::InvalidUtf8,
        Fault::DeepJson { depth: 100_000 },
        Fault::ByteByByte,
        Fault::Gzip,
        Fault::HugeHeader { bytes: 8_000 },
        Fault::Padded { bytes: 3 << 20 },
        Fault::LinkToHost("evil.example.com".to_owned()),
    ];
    for fault in faults {
        let options = Options { users: 230, logs: 600, odd: false, ..Options::default() };
        let mut auth0 = Auth0::new(options).await;
        for (endpoint, nth) in
            [(Endpoint::Users, 2), (Endpoint::Logs, 3), (Endpoint::Stats, 1), (Endpoint::Token, 1)]
        {
            auth0.tenant.state().fault(Rule::on(endpoint, fault.clone()).nth(nth));
        }
        let report = auth0.sync_mode(Mode::Full).await;
        assert_eq!(report.exit().code(), 0, "{fault:?} {report:#?}");
        all_came(&auth0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_one_endpoint_is_never_called_done_and_holds_up_no_other() {
    let mut auth0 = tenant().await;
    auth0.tenant.state().fault(Rule::on(Endpoint::Logs, Fault::bad_gateway()).always());
    let report = auth0.sync_mode(Mode::Full).await;
    assert_eq!(report.exit().code(), 75, "{report:#?}");
    assert!(!report.done);
    assert_eq!(auth0.contents().changed(), auth0.users());
    auth0.tenant.state().clear_faults();
    assert!(auth0.sync_well(Mode::Full).await.resumed);
    all_came(&auth0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_refused_for_good_fails_its_resource_and_removes_nothing() {
    let mut auth0 = tenant().await;
    auth0.sync_well(Mode::Full).await;
    let before = auth0.contents();
    let gone = Answer {
        status: 410,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: r#"{"statusCode":410,"message":"no more"}"#.into(),
    };
    for endpoint in [Endpoint::Users, Endpoint::Logs, Endpoint::Stats] {
        auth0.tenant.state().fault(Rule::on(endpoint, Fault::Answer(gone.clone())).always());
    }
    let report = auth0.sync_mode(Mode::Full).await;
    assert_eq!(report.exit().code(), 75, "{report:#?}");
    assert!(report.resources.values().all(|came| came.failure.is_some()));
    assert_eq!(auth0.contents(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_secret_nor_token_reaches_the_database() {
    let mut auth0 = tenant().await;
    auth0.tenant.state().at_request(9, State::revoke_tokens);
    auth0.sync_well(Mode::Full).await;
    let secret = auth0.tenant.client_secret();
    let directory = auth0.path().parent().unwrap().to_owned();
    for file in std::fs::read_dir(directory).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for text in [secret.as_bytes(), b"eyJ", b"Bearer"] {
            assert!(!bytes.windows(text.len()).any(|window| window == text));
        }
    }
}
