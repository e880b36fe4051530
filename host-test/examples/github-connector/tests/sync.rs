//! The connector against a scripted GitHub.

#![allow(clippy::unwrap_used)]

use github_connector::GitHub as Connector;
use rawdash_connector_sdk::contract::request::{Mode, SyncRequest, Want};
use rawdash_connector_sdk::contract::step::Step;
use rawdash_connector_sdk::script::{Host, status};
use rawdash_connector_sdk::time::timestamp::Timestamp;
use serde_json::json;

mod server;
use server::{GitHub, Run, december};

const PULLS: &str = "github_pull_request";
const REVIEWS: &str = "github_review";
const RUNS: &str = "github_workflow_run";

fn host(source: GitHub) -> Host<Connector, GitHub> {
    let token = json!({ "$secret": "TOKEN" });
    let configuration = json!({ "owner": "acme", "repository": "site", "token": token });
    Host::new(configuration, &[("TOKEN", server::TOKEN)], source).unwrap()
}

fn latest() -> SyncRequest {
    let want = |name| Want { mode: Mode::Latest, ..Want::auto(name) };
    SyncRequest { wants: [PULLS, REVIEWS, RUNS].map(want).into(), patience: None }
}

/// What is stored of a resource: each identity and its attributes.
fn stored(host: &Host<Connector, GitHub>, resource: &str) -> Vec<String> {
    let rows = host.store.rows(resource).into_iter();
    rows.map(|(key, row)| format!("{key} {}", row.attributes)).collect()
}

const VALID: [&str; 4] = [
    "github_pull_request/1 > github_user/ada",
    "github_pull_request/2 > github_user/ada",
    "github_pull_request/2 > github_user/bob",
    "github_pull_request/5 > github_user/ada",
];
const VALID_TOO: &str = "github_pull_request/5 > github_user/cy";

#[test]
fn every_page_is_read() {
    let mut host = host(GitHub::small());
    let synced = host.sync();
    assert!(synced.is_clean(), "{synced:?}");
    assert_eq!(host.store.keys(PULLS), ["1", "2", "3", "4", "5"]);
    assert_eq!(host.store.keys(RUNS), ["11", "12", "13"]);
    assert_eq!(host.store.keys(REVIEWS), [&VALID[..], &[VALID_TOO]].concat());
    assert!(stored(&host, REVIEWS)[3].contains("APPROVED"), "a comment takes no approval back");
}

#[test]
fn a_review_that_is_dismissed_is_taken_back_and_a_run_that_ends_is_replaced() {
    let mut host = host(GitHub::small());
    host.sync();
    host.pass(24 * 3_600_000);
    let changed = "2026-01-01T12:00:00Z".to_owned();
    let pull = host.source.pulls.last_mut().unwrap();
    pull.updated.clone_from(&changed);
    pull.reviews[2].1 = "DISMISSED";
    let run = host.source.runs.last_mut().unwrap();
    (run.updated, run.conclusion) = (changed, Some("success"));
    let requests = host.requested.len();
    assert!(host.sync_as(&latest()).is_clean());
    assert_eq!(host.store.keys(REVIEWS), VALID);
    assert_eq!(host.store.keys(RUNS), ["11", "12", "13"]);
    assert!(stored(&host, RUNS)[2].contains("completed"));
    let requested = &host.requested[requests..];
    assert_eq!(
        requested.iter().filter(|path| path.contains("/reviews")).count(),
        2,
        "{requested:?}"
    );
}

/// GitHub sends it as a 403, as it sends a missing permission.
#[test]
fn the_secondary_rate_limit_costs_no_answer_and_blames_no_permission() {
    let mut quiet = host(GitHub::small());
    quiet.sync();
    for until_limited in 1..=quiet.requested.len() {
        let until_limited = u32::try_from(until_limited).ok();
        let mut host = host(GitHub { until_limited, ..GitHub::small() });
        let synced = host.sync();
        assert!(synced.is_clean(), "{until_limited:?}: {synced:?}");
        assert!(synced.took >= 60_000, "the pause is respected");
        assert_eq!(host.requested.len(), quiet.requested.len() + 1, "{until_limited:?}");
        for resource in [PULLS, REVIEWS, RUNS] {
            assert_eq!(stored(&host, resource), stored(&quiet, resource), "{until_limited:?}");
        }
    }
}

#[test]
fn an_instance_that_is_dropped_after_any_step_loses_nothing() {
    let mut whole = host(GitHub::small());
    whole.sync();
    for steps in 1.. {
        let mut host = host(GitHub::small());
        let over = (0..steps).any(|_| host.call(&SyncRequest::default()) == Ok(Step::Done));
        if over {
            assert!(steps > 10);
            return;
        }
        host.interrupt();
        assert!(host.sync().is_clean());
        for resource in [PULLS, REVIEWS, RUNS] {
            assert_eq!(stored(&host, resource), stored(&whole, resource), "after {steps} steps");
        }
    }
}

#[test]
fn more_runs_than_github_lists_of_a_span_are_read_span_by_span() {
    let run = |id: u64| Run {
        id,
        created: december(1 + id / 1000, id % 1000),
        updated: december(30, 0),
        conclusion: Some("success"),
    };
    let runs = (10_000..12_500).map(|id| Run { id, ..run(id - 10_000) }).collect();
    let mut host = host(GitHub { runs, page: 100, ..GitHub::small() });
    assert!(host.sync().is_clean());
    assert_eq!(host.store.keys(RUNS).len(), 2500);
}

fn full() -> SyncRequest {
    SyncRequest { wants: vec![Want { mode: Mode::Full, ..Want::auto(RUNS) }], patience: None }
}

#[test]
fn a_run_that_is_deleted_goes_with_a_full_run_and_those_too_old_to_be_listed_stay() {
    let mut host = host(GitHub::small());
    host.sync();
    host.source.runs.retain(|run| run.id == 12);
    assert!(host.sync_as(&latest()).is_clean());
    assert_eq!(host.store.keys(RUNS), ["11", "12", "13"]);
    assert!(host.sync_as(&full()).is_clean());
    assert_eq!(host.store.keys(RUNS), ["11", "12"]);
    host.source.runs.clear();
    assert!(host.sync_as(&full()).is_clean());
    assert_eq!(host.store.keys(RUNS), ["11", "12"], "an empty list may be an outage");
}

#[test]
fn a_run_that_is_deleted_while_they_are_read_costs_no_other() {
    let run = |id| Run { id, ..GitHub::small().runs.remove(0) };
    let runs: Vec<Run> = (21..=26).map(|id| Run { created: december(id, 0), ..run(id) }).collect();
    let mut host = host(GitHub { runs, ..GitHub::small() });
    while !matches!(host.call(&full()).unwrap(), Step::Batches(batches) if !batches.is_empty()) {}
    host.source.runs.pop();
    assert!(host.sync_as(&full()).is_clean());
    let stored = host.store.keys(RUNS);
    assert!(["21", "22", "23", "24", "25"].iter().all(|id| stored.contains(id)), "{stored:?}");
}

#[test]
fn only_the_requested_window_of_runs_is_read() {
    let mut host = host(GitHub::small());
    let since = Timestamp::parse(&december(12, 0));
    let wants = vec![Want { since, mode: Mode::Full, ..Want::auto(RUNS) }];
    assert!(host.sync_as(&SyncRequest { wants, patience: None }).is_clean());
    assert_eq!(host.store.keys(RUNS), ["12", "13"]);
}

#[test]
fn a_token_that_is_refused_fails_the_sync() {
    let configuration =
        json!({ "owner": "acme", "repository": "site", "token": { "$secret": "TOKEN" } });
    let mut host =
        Host::<Connector, _>::new(configuration, &[("TOKEN", "x")], |_: &_| status(401)).unwrap();
    assert_eq!(host.sync().failure.unwrap().kind.name(), "authentication");
    assert!(host.check().iter().all(|(_, outcome)| outcome.is_err()));
}
