//! Syncs that take a turn: a resumed run before the requested one, a resource
//! that fails or is postponed, a wait that is too long.

use crate::support::{Bench, hostile};
use rawdash_host::contract::Mode;
use rawdash_host::failure::Exit;
use rawdash_host::report::{ResourceState, RunMode};
use rawdash_host::storage::RunEnd;
use serde_json::json;

fn bench(turn: &str) -> Bench {
    Bench::new(hostile(), json!({ "host": "tenant.example", "misdeed": turn }))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_requested_run_follows_the_one_that_was_resumed() {
    let mut bench = bench("resumed");
    let report = bench.run().await;
    assert_eq!(report.exit(), Exit::Done, "{report:?}");
    assert_eq!(bench.storage.completed, [Mode::Full]);
    assert_eq!((report.mode, report.resumed), (Some(RunMode::Full), true));
    // One in each run: the second run's count does not replace the first's.
    let event = &report.resources["event"];
    assert_eq!((event.records, event.pages), (2, 2));
    assert_eq!((event.mode, event.resumed), (Some(RunMode::Full), true));
    let entity = &report.resources["entity"];
    assert_eq!((entity.mode, entity.resumed), (Some(RunMode::Latest), false));
    assert!(report.resources.values().all(|resource| resource.state == ResourceState::Complete));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_that_fails_costs_its_staging_and_not_the_others() {
    let mut bench = bench("resource-failed");
    let report = bench.run().await;
    assert_eq!(report.exit().code(), 77);
    assert!(report.done);
    let ended = |name: &str, end| (name.to_owned(), end);
    let expected = [
        ended("event", RunEnd::Complete),
        ended("entity", RunEnd::Failed),
        ended("metric", RunEnd::Complete),
    ];
    assert_eq!(bench.storage.ended, expected);
    // Not complete: the next `auto` must not rely on it.
    assert!(bench.storage.completed.is_empty());
    let entity = &report.resources["entity"];
    assert_eq!(entity.state, ResourceState::Failed);
    assert_eq!(entity.failure.as_ref().unwrap().kind, "permission");
    assert!(report.resources["event"].failure.is_none() && report.failure.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postponed_resource_is_reported_with_the_time_to_return() {
    let mut bench = bench("postponed");
    let report = bench.run().await;
    assert_eq!(report.exit(), Exit::Later, "{report:?}");
    assert!(!report.done && bench.storage.completed.is_empty());
    assert!(bench.storage.ended.contains(&("entity".to_owned(), RunEnd::Postponed)));
    assert_eq!(report.resources["entity"].state, ResourceState::Postponed);
    assert_eq!(report.resources["event"].state, ResourceState::Complete);
    let failure = report.failure.unwrap();
    assert!(failure.message.contains("2026-03-01T12:01:30Z"), "{}", failure.message);
    assert_eq!(failure.retry_after_ms, Some(90_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_is_too_long_says_what_is_waited_for() {
    let mut bench = bench("long-wait");
    let report = bench.run().await;
    assert_eq!(report.exit(), Exit::Later);
    let message = report.failure.unwrap().message;
    assert!(message.contains("the connection was refused"), "{message}");
    assert!(message.contains("2026-03-01T12:10:00Z"), "{message}");
    let postponed = |name: &str| report.resources[name].state == ResourceState::Postponed;
    assert!(["event", "entity", "metric"].into_iter().all(postponed));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wanted_resource_stands_in_the_report() {
    let mut bench = bench("");
    let all = bench.run().await;
    assert_eq!(all.resources.keys().collect::<Vec<_>>(), ["entity", "event", "metric"]);
    let configuration = json!({ "host": "tenant.example", "resources": ["event", "metric"] });
    bench.settings.configuration = configuration.to_string();
    let configured = bench.run().await;
    assert_eq!(configured.exit(), Exit::Done, "{configured:?}");
    assert_eq!(configured.resources.keys().collect::<Vec<_>>(), ["event", "metric"]);
    bench.options.request.resources = vec!["event".to_owned()];
    let wanted = bench.run().await;
    assert_eq!(wanted.exit(), Exit::Done, "{wanted:?}");
    assert_eq!(wanted.resources.keys().collect::<Vec<_>>(), ["event"]);
}
