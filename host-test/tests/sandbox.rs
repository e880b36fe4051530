//! A component that misbehaves: the host says which limit was met, stores
//! nothing half, leaks no secret, and stays usable.

mod support;

use std::time::Duration;

use rawdash_host::contract::Secret;
use rawdash_host::report::{Outcome, Report};
use serde_json::json;
use support::server::{Server, response};
use support::{Bench, hostile};

const SECRET: &str = "s3cr3t-of-the-tenant";

fn bench(misdeed: &str) -> Bench {
    let mut bench = Bench::new(
        hostile(),
        json!({ "host": "tenant.example", "misdeed": misdeed }),
    );
    let name = "CLIENT_SECRET".to_owned();
    bench.settings.secrets = vec![Secret {
        name,
        value: SECRET.to_owned(),
    }];
    bench
}

fn request(scheme: &str, authority: &str) -> Bench {
    let mut bench = bench("");
    let configuration = json!({
        "host": "tenant.example",
        "misdeed": "request",
        "scheme": scheme,
        "authority": authority,
    });
    bench.settings.configuration = configuration.to_string();
    bench
}

/// Nothing of the misdeed's step is stored, no text has the secret, and the
/// same process still does a good run.
async fn stands(mut bench: Bench, report: &Report) {
    assert!(
        bench.storage.of("event").is_empty(),
        "a part of the step was stored"
    );
    assert!(bench.storage.completed.is_empty() && !report.done);
    let told = format!(
        "{report:?} {:?} {:?}",
        bench.watcher.denials, bench.watcher.failures
    );
    assert!(!told.contains(SECRET), "{told}");
    assert_ne!(bench.storage.checkpoint.as_deref(), Some(SECRET));
    bench.settings.configuration = json!({ "host": "tenant.example" }).to_string();
    let good = bench.run().await;
    assert_eq!(good.outcome(), Outcome::Done, "{good:?}");
    assert_eq!(bench.storage.of("event").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_the_manifest_does_not_declare_never_leaves() {
    for (scheme, authority, told) in [
        (
            "https",
            "evil.example",
            "declares only https://tenant.example",
        ),
        ("http", "tenant.example", "https only"),
        ("https", "tenant.example:8443", "without a port"),
        ("https", "127.0.0.1", "IP address"),
        ("https", "[::1]:443", "IP address"),
        ("https", "tenant.example@evil.example", "user name"),
    ] {
        let mut bench = request(scheme, authority);
        let report = bench.run().await;
        let failure = report.failure.clone().unwrap();
        // The component sees a clean denial, not a broken connection.
        assert!(
            failure.message.contains("HttpRequestDenied"),
            "{authority}: {}",
            failure.message
        );
        assert!(
            failure.message.contains(told),
            "{authority}: {}",
            failure.message
        );
        assert_eq!(bench.watcher.denials.len(), 1);
        assert_eq!(report.requests, 0, "{authority}");
        stands(bench, &report).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_leads_to_this_machine_is_not_followed() {
    let mut bench = request("https", "localhost");
    bench.settings.configuration = bench
        .settings
        .configuration
        .replace("tenant.example", "localhost");
    let report = bench.run().await;
    let failure = report.failure.clone().unwrap();
    assert!(
        failure.message.contains("DestinationIpProhibited"),
        "{}",
        failure.message
    );
    assert!(
        bench.watcher.denials[0].contains("--route"),
        "{:?}",
        bench.watcher.denials
    );
    stands(bench, &report).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_requests_at_once_meet_the_limit_and_the_rest_come() {
    let server = Server::start(|_, _| response(200, &[], "{}")).await;
    let mut bench = bench("thousand-requests").route(&server.url);
    let report = bench.run().await;
    let failure = report.failure.clone().unwrap();
    assert!(failure.message.contains("64 came"), "{}", failure.message);
    assert!(
        failure.message.contains("64 requests were under way"),
        "{}",
        failure.message
    );
    assert_eq!(server.requests().len(), 64);
    assert!(server.connections() <= 64);
    stands(bench, &report).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_takes_too_much_is_stopped_at_the_limit_it_met() {
    for (misdeed, told) in [
        ("loop", "computing time of one call (200ms)"),
        ("memory", "memory (67108864 bytes)"),
        ("recursion", "call depth"),
        ("output", "output of one call (33554432 bytes)"),
        ("stage-for-ever", "records of one run (500)"),
        ("rest-for-ever", "steps in a row"),
        ("nothing-for-ever", "steps in a row"),
        ("trap", "broke down"),
    ] {
        let mut bench = bench(misdeed);
        bench.settings.limits.computing = Duration::from_millis(200);
        bench.settings.limits.records = 500;
        let report = bench.run().await;
        assert_eq!(report.outcome().exit_code(), 70, "{misdeed}: {report:?}");
        let failure = report.failure.clone().unwrap();
        assert!(
            failure.message.contains(told),
            "{misdeed}: {}",
            failure.message
        );
        bench.settings.limits.computing = Duration::from_secs(30);
        stands(bench, &report).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_without_deadlines_is_ended_by_the_hosts() {
    let server = Server::raw(b"", false).await;
    let mut patient = request("https", "tenant.example").route(&server.url);
    patient.settings.limits.call = Duration::MAX;
    let report = patient.run_while_time_passes(&server).await;
    let failure = report.failure.clone().unwrap();
    assert!(
        failure.message.contains("ConnectionReadTimeout"),
        "{}",
        failure.message
    );
    stands(patient, &report).await;

    let mut endless = request("https", "tenant.example").route(&server.url);
    endless.settings.limits.http.exchange = Duration::MAX;
    let report = endless.run_while_time_passes(&server).await;
    let failure = report.failure.clone().unwrap();
    assert!(
        failure.message.contains("time of one call (300s)"),
        "{}",
        failure.message
    );
    assert_eq!(report.outcome().exit_code(), 70);
    stands(endless, &report).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_body_without_end_is_cut_at_its_limit() {
    let server = Server::start(|_, _| response(200, &[], "{}")).await;
    let mut bench = request("https", "tenant.example").route(&server.url);
    bench.settings.limits.http.request_body = 1;
    let report = bench.run().await;
    let failure = report.failure.clone().unwrap();
    assert!(
        failure.message.contains("HttpRequestBodySize"),
        "{}",
        failure.message
    );
    stands(bench, &report).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_with_one_illegal_batch_is_not_stored_in_part() {
    for (misdeed, told) in [
        ("unknown-resource", "no such resource"),
        ("wrong-shape", "of another shape"),
        ("wrong-effect", "do not replace all"),
        ("no-object", "no JSON object"),
        ("late", "not between 0"),
        ("early", "not between 0"),
        ("nan", "not finite"),
        ("begin-again", "began within a run"),
        ("no-beginning", "not `began`"),
    ] {
        let mut bench = bench(misdeed);
        let report = bench.run().await;
        assert_eq!(report.outcome().exit_code(), 70, "{misdeed}: {report:?}");
        let failure = report.failure.clone().unwrap();
        assert!(
            failure.message.contains(told),
            "{misdeed}: {}",
            failure.message
        );
        stands(bench, &report).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_leaves_neither_by_a_checkpoint_nor_by_a_message() {
    let mut leaking = bench("secret-in-checkpoint");
    let report = leaking.run().await;
    assert_eq!(report.outcome().exit_code(), 70);
    assert_eq!(leaking.storage.checkpoint, None);
    stands(leaking, &report).await;

    let mut telling = bench("secret-in-failure");
    let report = telling.run().await;
    assert!(
        report
            .failure
            .as_ref()
            .unwrap()
            .message
            .contains("[CLIENT_SECRET]")
    );
    stands(telling, &report).await;

    let mut asking = request("https", &format!("{SECRET}.evil.example"));
    let report = asking.run().await;
    assert!(asking.watcher.denials[0].contains("[CLIENT_SECRET]"));
    stands(asking, &report).await;
}
