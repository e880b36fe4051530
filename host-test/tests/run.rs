//! Runs that take a turn: one that is carried on before what was asked, one
//! that loses a resource.

use crate::support::{Bench, hostile};
use rawdash_host::contract::Mode;
use rawdash_host::failure::Exit;
use rawdash_host::report::RunMode;
use serde_json::json;

fn bench(turn: &str) -> Bench {
    Bench::new(hostile(), json!({ "host": "tenant.example", "misdeed": turn }))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_comes_after_the_run_that_was_under_way() {
    let mut bench = bench("deferred");
    let report = bench.run().await;
    assert_eq!(report.exit(), Exit::Done, "{report:?}");
    assert_eq!(bench.storage.completed, [Mode::Full, Mode::Latest]);
    assert_eq!((report.mode, report.resumed), (Some(RunMode::Full), true));
    // One in each run: the second run's count does not replace the first's.
    assert_eq!(report.resources["event"].records, 2);
    assert_eq!(report.resources["event"].pages, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_that_fails_costs_its_staging_and_not_the_others() {
    let mut bench = bench("resource-failed");
    let report = bench.run().await;
    assert_eq!(report.exit().code(), 77);
    assert!(report.done);
    assert_eq!(bench.storage.abandoned, ["entity"]);
    // Not noted as complete: the next `auto` must not rest on it.
    assert!(bench.storage.completed.is_empty());
    assert_eq!(bench.storage.checkpoint.as_deref(), Some("3"));
    let failure = report.resources["entity"].failure.as_ref().unwrap();
    assert_eq!(failure.kind, "permission");
    assert!(report.resources["event"].failure.is_none() && report.failure.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_resource_that_was_asked_for_stands_in_the_report() {
    let mut bench = bench("");
    let all = bench.run().await;
    assert_eq!(all.resources.keys().collect::<Vec<_>>(), ["entity", "event", "metric"]);
    let configuration = json!({ "host": "tenant.example", "resources": ["event", "metric"] });
    bench.settings.configuration = configuration.to_string();
    let configured = bench.run().await;
    assert_eq!(configured.resources.keys().collect::<Vec<_>>(), ["event", "metric"]);
    bench.options.request.resources = vec!["event".to_owned()];
    let asked = bench.run().await;
    assert_eq!(asked.resources.keys().collect::<Vec<_>>(), ["event"]);
}
