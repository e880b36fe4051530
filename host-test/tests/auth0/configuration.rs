//! What a person writes, and what a host may call when.

use std::sync::Arc;

use rawdash_host::clock::{DrivenClock, SharedClock};
use rawdash_host::contract::{ConfigureError, Mode, Request, Secret, Want};
use rawdash_host::instance::Instance;
use rawdash_host::sandbox::Limits;
use rawdash_host::transport::Transport;
use serde_json::{Value, json};
use time::macros::datetime;

use crate::support::auth0::connector;

async fn instance() -> Instance {
    let limits = Limits::default();
    let clock: SharedClock = Arc::new(DrivenClock::new(datetime!(2026-03-01 12:00 UTC)));
    let transport = Transport::nowhere(&limits.http, clock.clone());
    connector().instantiate(&limits, transport, clock).await.unwrap()
}

fn good() -> Value {
    json!({
        "domain": "acme.eu.auth0.com",
        "clientId": "id",
        "clientSecret": { "$secret": "AUTH0_CLIENT_SECRET" },
    })
}

fn with(field: &str, value: Value) -> Value {
    let mut configuration = good();
    configuration[field] = value;
    configuration
}

fn secrets() -> Vec<Secret> {
    vec![Secret { name: "AUTH0_CLIENT_SECRET".to_owned(), value: "hush".to_owned() }]
}

/// The pointers of what is wrong; none where it is taken.
async fn issues(instance: &mut Instance, configuration: &str) -> Vec<String> {
    match instance.configure(configuration, &secrets(), None).await.unwrap() {
        Ok(_) => Vec::new(),
        Err(ConfigureError::Configuration(issues)) => {
            assert!(issues.iter().all(|issue| !issue.message.contains("hush")));
            issues.into_iter().map(|issue| issue.path).collect()
        }
        Err(error) => panic!("{error:?}"),
    }
}

fn request() -> Request {
    Request { wants: Vec::new(), patience: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_configuration_that_the_original_takes_is_lost() {
    let mut instance = instance().await;
    for taken in [
        good(),
        with("domain", json!("acme.auth0.com")),
        with("domain", json!("ACME.Us.Auth0.com")),
        with("domain", json!("a-b.c-1.eu.auth0.com")),
        with("resources", json!(["users"])),
        with("resources", json!(["daily_active_users", "users", "login_events"])),
        with("statsLookbackDays", json!(1)),
        with("statsLookbackDays", json!(365)),
        with("rateLimitShare", json!(0.5)),
        with("rateLimitShare", json!(1)),
    ] {
        assert_eq!(issues(&mut instance, &taken.to_string()).await, [""; 0], "{taken}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_configuration_that_the_original_refuses_is_taken() {
    let mut instance = instance().await;
    for (refused, path) in [
        (with("domain", json!("https://acme.auth0.com")), "/domain"),
        (with("domain", json!("acme.example.com")), "/domain"),
        (with("domain", json!("acme.auth0.com.evil.example")), "/domain"),
        (with("domain", json!("acme.auth0.com/api")), "/domain"),
        (with("domain", json!("")), "/domain"),
        (with("domain", Value::Null), "/domain"),
        (with("clientId", json!("")), "/clientId"),
        (with("clientId", json!(7)), "/clientId"),
        (with("clientSecret", json!("plain")), "/clientSecret"),
        (with("clientSecret", json!({})), "/clientSecret"),
        (with("clientSecret", json!({ "$secret": 7 })), "/clientSecret"),
        (with("clientSecret", json!({ "$secret": "OTHER" })), "/clientSecret/$secret"),
        (with("resources", json!([])), "/resources"),
        (with("resources", json!("users")), "/resources"),
        (with("resources", json!(["users", "orgs"])), "/resources/1"),
        (with("statsLookbackDays", json!(0)), "/statsLookbackDays"),
        (with("statsLookbackDays", json!(-1)), "/statsLookbackDays"),
        (with("statsLookbackDays", json!(1.5)), "/statsLookbackDays"),
        (with("statsLookbackDays", json!("30")), "/statsLookbackDays"),
        (with("rateLimitShare", json!(0)), "/rateLimitShare"),
        (with("rateLimitShare", json!(1.1)), "/rateLimitShare"),
        (with("lookback", json!(3)), "/lookback"),
        (with("a/b~c", json!(3)), "/a~1b~0c"),
    ] {
        assert_eq!(issues(&mut instance, &refused.to_string()).await, [path], "{refused}");
    }
    for text in ["", "[]", "null", "{", "\u{0}", &"[".repeat(100_000)] {
        assert_eq!(issues(&mut instance, text).await, [""], "{text:.20}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_issue_is_told_at_once() {
    let wrong = json!({ "domain": "https://a.auth0.com", "clientSecret": "x", "resources": [] });
    let told = issues(&mut instance().await, &wrong.to_string()).await;
    assert_eq!(told, ["/domain", "/clientId", "/clientSecret", "/resources"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_is_refused_leaves_the_one_before() {
    let mut instance = instance().await;
    assert_eq!(issues(&mut instance, &good().to_string()).await, [""; 0]);
    let before = instance.checkpoint().await.unwrap().unwrap();
    assert_eq!(issues(&mut instance, "{}").await.len(), 3);
    let other = with("domain", json!("other.auth0.com")).to_string();
    let refused = instance.configure(&other, &secrets(), Some(&before)).await.unwrap();
    assert!(matches!(refused, Err(ConfigureError::Checkpoint(_))), "{refused:?}");
    assert_eq!(instance.checkpoint().await.unwrap().unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_in_any_order_return() {
    let mut instance = instance().await;
    instance.describe().await.unwrap();
    let failure = instance.sync(&request()).await.unwrap().unwrap_err();
    assert_eq!(failure.kind, "not-configured");
    let failure = instance.checkpoint().await.unwrap().unwrap_err();
    assert_eq!(failure.kind, "not-configured");
    let checked = instance.check().await.unwrap();
    assert_eq!(checked.len(), 3);
    for (_, outcome) in checked {
        assert_eq!(outcome.unwrap_err().kind, "not-configured");
    }
    assert_eq!(issues(&mut instance, &good().to_string()).await, [""; 0]);
    let want = |resource: &str, since| Want {
        resource: resource.to_owned(),
        mode: Mode::Full,
        since,
        conditions: Vec::new(),
    };
    for wants in [
        vec![want("auth0_user", Some(-1))],
        vec![want("auth0_user", Some(i64::MAX))],
        vec![want("auth0_nothing", None)],
        vec![want("", None)],
        vec![want("auth0_user", None), want("auth0_user", None)],
    ] {
        let asked = Request { wants, patience: None };
        let failure = instance.sync(&asked).await.unwrap().unwrap_err();
        assert_eq!(failure.kind, "request", "{asked:?}");
    }
    // There is no network here: a step all the same, again and again.
    for _ in 0..20 {
        let _ = instance.sync(&request()).await.unwrap();
        instance.checkpoint().await.unwrap().unwrap();
    }
    assert!(instance.check().await.unwrap().iter().all(|(_, outcome)| outcome.is_err()));
    instance.describe().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_component_can_do_nothing_but_ask_by_http_and_tell_the_time() {
    let connector = connector();
    let imports = connector.imports().iter();
    let mut names: Vec<_> = imports.filter_map(|name| name.split('@').next()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "wasi:clocks/monotonic-clock",
            "wasi:clocks/wall-clock",
            "wasi:http/outgoing-handler",
            "wasi:http/types",
            "wasi:io/error",
            "wasi:io/poll",
            "wasi:io/streams",
        ]
    );
}
