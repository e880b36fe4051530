//! Login events: each once, none lost, whatever the log keeps.

use std::time::Duration;

use auth0_tenant::{Answer, Endpoint, Fault, LogIds, NewLog, Options, Rule, StaleFrom};
use rawdash_host::contract::Mode;
use rawdash_host::report::{Report, RunMode};
use rusqlite::Connection;
use serde_json::json;

use crate::support::auth0::Auth0;

const EVENTS: &str = "auth0_login_event";

async fn tenant(options: Options) -> Auth0 {
    Auth0::new(Options { users: 30, odd: false, ..options }).await
}

fn warning(report: &Report, code: &str) -> Option<String> {
    let told = &report.resources[EVENTS].warnings;
    told.iter().find(|warning| warning.code == code).map(|warning| warning.message.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_the_log_takes_in_late_are_not_lost() {
    let mut auth0 = tenant(Options { logs: 300, ..Options::default() }).await;
    auth0.sync_well(Mode::Auto).await;
    auth0.pass(Duration::from_secs(60));
    for hours in [1, 30, 24 * 20] {
        let date = auth0.clock.now() - hours * 3_600_000;
        auth0.tenant.state().append_log(&NewLog::new("f", date));
    }
    auth0.sync_well(Mode::Latest).await;
    assert_eq!(auth0.contents().event_ids(), auth0.events());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_start_of_the_log_loses_no_row_whatever_its_ids_look_like() {
    for log_ids in [LogIds::Timed900, LogIds::Timed800, LogIds::Kinesis] {
        let mut auth0 = tenant(Options { logs: 700, log_ids, ..Options::default() }).await;
        auth0.sync_well(Mode::Auto).await;
        assert_eq!(auth0.contents().event_ids(), auth0.events(), "{log_ids:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_auth0_refuses_gives_way_to_the_oldest_row_itself() {
    let mut auth0 = tenant(Options { logs: 400, ..Options::default() }).await;
    let refused = Answer {
        status: 400,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: r#"{"statusCode":400,"error":"Bad Request","message":"no such log event"}"#.into(),
    };
    auth0.tenant.state().fault(Rule::on(Endpoint::Logs, Fault::Answer(refused)).nth(2));
    auth0.sync_well(Mode::Auto).await;
    assert_eq!(auth0.contents().event_ids(), auth0.events());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_no_longer_reaches_back_is_reported_with_both_ends_and_repaired_by_a_full_run() {
    for stale_from in [StaleFrom::Moved, StaleFrom::Refused] {
        let mut auth0 = tenant(Options { logs: 400, stale_from, ..Options::default() }).await;
        auth0.sync_well(Mode::Auto).await;
        let stored = auth0.contents().event_ids();
        auth0.pass(Duration::from_hours(22));
        for _ in 0..150 {
            auth0.pass(Duration::from_secs(1));
            let now = auth0.clock.now();
            auth0.tenant.state().append_log(&NewLog::new("s", now));
        }
        let kept_since = auth0.clock.now() - 60_000;
        auth0.tenant.state().drop_logs_before(kept_since);
        let report = auth0.sync_well(Mode::Latest).await;
        let told = warning(&report, "log-gap").unwrap_or_else(|| panic!("{report:#?}"));
        assert!(told.contains("2026-03-01T11:") || told.contains("2026-03-01T12:"), "{told}");
        assert!(told.contains("2026-03-02T10:01:30"), "{told}");
        let wanted = &stored | &auth0.events();
        assert_eq!(auth0.contents().event_ids(), wanted, "{stale_from:?}");
        assert_eq!(auth0.sync_well(Mode::Auto).await.mode, Some(RunMode::Full));
        assert_eq!(auth0.sync_well(Mode::Auto).await.mode, Some(RunMode::Latest), "told once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_position_without_a_gap_alarms_nobody() {
    let mut auth0 = tenant(Options { logs: 400, ..Options::default() }).await;
    auth0.sync_well(Mode::Auto).await;
    auth0.pass(Duration::from_hours(24 * 7));
    let now = auth0.clock.now();
    auth0.tenant.state().append_log(&NewLog::new("s", now));
    let report = auth0.sync_well(Mode::Latest).await;
    assert_eq!(warning(&report, "log-gap"), None);
    assert_eq!(auth0.contents().event_ids(), auth0.events());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_log_holds_its_place_and_a_later_since_does_not_move_it() {
    for since in [None, Some(3_600_000)] {
        let mut auth0 = tenant(Options { logs: 0, ..Options::default() }).await;
        auth0.options.request.since = since.map(|span| auth0.clock.now() - span);
        auth0.sync_well(Mode::Auto).await;
        for kind in ["s", "f", "fp", "seacft", "sapi"] {
            auth0.pass(Duration::from_secs(60));
            let now = auth0.clock.now();
            auth0.tenant.state().append_log(&NewLog::new(kind, now));
        }
        auth0.options.request.since = Some(auth0.clock.now() - 1_000);
        auth0.sync_well(Mode::Latest).await;
        assert_eq!(auth0.contents().event_ids(), auth0.events(), "{since:?}");
        assert_eq!(auth0.contents().events.len(), 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_since_brings_what_lies_before_and_doubles_nothing() {
    let mut auth0 = tenant(Options { logs: 900, days: 20, ..Options::default() }).await;
    let now = auth0.clock.now();
    auth0.options.request.since = Some(now - 3 * 86_400_000);
    auth0.sync_well(Mode::Auto).await;
    let first = auth0.contents().event_ids();
    assert!(!first.is_empty() && first.len() < auth0.events().len());
    auth0.options.request.since = Some(now - 10 * 86_400_000);
    auth0.sync_well(Mode::Latest).await;
    let second = auth0.contents().event_ids();
    assert!(second.is_superset(&first) && second.len() > first.len());
    auth0.options.request.since = Some(now - 90 * 86_400_000);
    auth0.sync_well(Mode::Latest).await;
    assert_eq!(auth0.contents().event_ids(), auth0.events());
}

#[tokio::test(flavor = "multi_thread")]
async fn since_filters_no_late_row() {
    let mut auth0 = tenant(Options { logs: 300, days: 20, ..Options::default() }).await;
    let now = auth0.clock.now();
    auth0.options.request.since = Some(now - 86_400_000);
    auth0.sync_well(Mode::Auto).await;
    auth0.pass(Duration::from_secs(60));
    let late = auth0.tenant.state().append_log(&NewLog::new("s", now - 5 * 86_400_000));
    auth0.sync_well(Mode::Latest).await;
    assert!(auth0.contents().events.contains_key(&late));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_gives_fewer_rows_than_asked_for_does_not_end_the_log() {
    let mut auth0 = tenant(Options { logs: 500, page_limit: 30, ..Options::default() }).await;
    auth0.sync_well(Mode::Auto).await;
    assert_eq!(auth0.contents().event_ids(), auth0.events());
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_events_outlive_the_logs_retention() {
    let mut auth0 = tenant(Options { logs: 500, ..Options::default() }).await;
    auth0.sync_well(Mode::Full).await;
    let stored = auth0.contents().events;
    let now = auth0.clock.now();
    auth0.tenant.state().drop_logs_before(now - 86_400_000);
    auth0.sync_well(Mode::Full).await;
    auth0.pass(Duration::from_hours(1));
    auth0.sync_well(Mode::Full).await;
    assert_eq!(auth0.contents().events, stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_the_npm_connector_stored_are_adopted_and_not_doubled() {
    let mut auth0 = tenant(Options { logs: 600, ..Options::default() }).await;
    drop(auth0.database());
    {
        let state = auth0.tenant.state();
        let connection = Connection::open(auth0.path()).unwrap();
        for log in state.logs().filter(|log| ["s", "f"].contains(&log.kind.as_str())).step_by(2) {
            let attributes = json!({ "logId": log.id, "type": log.kind, "userId": null });
            // Twice: it replays a page whose write failed.
            for _ in 0..2 {
                connection
                    .execute(
                        "INSERT INTO events (connector_id, name, start_ts, attributes)
                         VALUES ('auth0', 'auth0_login_event', ?1, ?2)",
                        (log.date, attributes.to_string()),
                    )
                    .unwrap();
            }
        }
    }
    auth0.sync_well(Mode::Auto).await;
    assert_eq!(auth0.contents().event_ids(), auth0.events());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_read_costs_no_other() {
    let mut auth0 = tenant(Options { logs: 250, ..Options::default() }).await;
    let now = auth0.clock.now();
    let poison = auth0
        .tenant
        .state()
        .append_log(&NewLog::new("s", now).served_as(r#"{"log_id":"{log_id}","date":"#));
    for _ in 0..120 {
        auth0.pass(Duration::from_millis(10));
        let now = auth0.clock.now();
        auth0.tenant.state().append_log(&NewLog::new("fp", now));
    }
    let report = auth0.sync_well(Mode::Auto).await;
    let mut wanted = auth0.events();
    assert!(wanted.remove(&poison));
    assert_eq!(auth0.contents().event_ids(), wanted);
    assert!(warning(&report, "log-row-unreadable").is_some(), "{report:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_tenant_does_not_keep_a_run_for_ever_and_loses_nothing() {
    let mut auth0 = tenant(Options { logs: 350, ..Options::default() }).await;
    for number in 1..200 {
        let pass = (auth0.clock.clone(), auth0.driven.clone());
        auth0.tenant.state().at_request(number, move |state| {
            pass.0.advance(Duration::from_millis(700));
            pass.1.advance(Duration::from_millis(700));
            let now = state.now();
            state.append_log(&NewLog::new("s", now));
        });
    }
    auth0.sync_well(Mode::Auto).await;
    assert!(auth0.tenant.requests().len() < 60, "the run chased the log's tail");
    auth0.sync_well(Mode::Latest).await;
    auth0.tenant.state().forget_requests();
    auth0.sync_well(Mode::Latest).await;
    let missing = &auth0.events() - &auth0.contents().event_ids();
    assert!(missing.len() < 60, "only what came meanwhile: {}", missing.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_comes_again_loses_and_doubles_nothing() {
    let mut auth0 = tenant(Options { logs: 600, ..Options::default() }).await;
    for nth in [4, 6] {
        auth0.tenant.state().fault(Rule::on(Endpoint::Logs, Fault::PreviousPage).nth(nth));
    }
    auth0.sync_well(Mode::Auto).await;
    assert_eq!(auth0.contents().event_ids(), auth0.events());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_brings_nothing_asks_for_one_page_and_stores_nothing() {
    let mut auth0 = tenant(Options { logs: 600, ..Options::default() }).await;
    auth0.sync_well(Mode::Auto).await;
    let before = auth0.contents();
    auth0.tenant.state().forget_requests();
    auth0.sync_well(Mode::Latest).await;
    assert_eq!(auth0.asked_for("/api/v2/logs"), 1);
    assert_eq!(auth0.contents(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_rows_fail_no_page() {
    let mut auth0 = Auth0::new(Options { users: 30, logs: 1_000, ..Options::default() }).await;
    auth0.sync_well(Mode::Auto).await;
    let (stored, there) = (auth0.contents().event_ids(), auth0.events());
    let missing = there.difference(&stored).count();
    assert!(missing < 30 && stored.len() > 200, "{missing} of {} are missing", there.len());
}
