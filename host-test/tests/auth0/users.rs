//! Users: none is lost, whatever moves while they are read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth0_tenant::{Options, SlowSearch, User};
use rawdash_host::contract::Mode;
use rawdash_host::report::RunMode;
use serde_json::json;

use crate::support::auth0::{Auth0, Contents};
use crate::support::tapped::Tapped;

const USERS: &str = "auth0_user";

async fn tenant(options: Options) -> Auth0 {
    let mut auth0 = Auth0::new(Options { logs: 0, odd: false, ..options }).await;
    auth0.configure("resources", json!(["users", "login_events"]));
    auth0
}

/// A user as a signup makes it.
fn signup(id: &str, at: &str) -> User {
    let row = json!({
        "user_id": id,
        "email": "new@example.com",
        "identities": [{ "provider": "auth0" }],
        "created_at": at,
        "updated_at": at,
    });
    User::from_json(row.to_string())
}

fn warnings(report: &rawdash_host::report::Report, resource: &str) -> Vec<String> {
    report.resources[resource].warnings.iter().map(|warning| warning.code.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn users_past_the_thousandth_are_not_lost() {
    let mut auth0 = tenant(Options { users: 2_100, ..Options::default() }).await;
    let report = auth0.sync_well(Mode::Auto).await;
    assert_eq!(auth0.contents().changed(), auth0.users());
    assert_eq!(warnings(&report, USERS), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn users_who_log_in_sign_up_or_leave_during_the_walk_are_not_lost() {
    let mut auth0 = tenant(Options {
        users: 900,
        page_limit: 50,
        index_lag: Duration::from_secs(10),
        ..Options::default()
    })
    .await;
    let ids: Vec<String> = auth0.users().into_keys().collect();
    for (turn, some) in (3u64..21).zip(ids.chunks(50)) {
        let some = some.to_vec();
        let clock = auth0.clock.clone();
        let driven = auth0.driven.clone();
        auth0.tenant.state().at_request(turn, move |state| {
            let (gone, moved) = some.split_first().unwrap();
            state.remove_user(gone);
            moved.iter().for_each(|id| state.update_user(id, |_| ()));
            let at = format!("2026-03-01T12:00:{:02}.000Z", turn - 3);
            state.put_user(signup(&format!("auth0|new{turn:02}"), &at));
            clock.advance(Duration::from_secs(1));
            driven.advance(Duration::from_secs(1));
        });
    }
    auth0.sync_well(Mode::Full).await;
    let walked = auth0.contents();
    let there = auth0.users();
    let missing: Vec<_> = there.keys().filter(|id| !walked.users.contains_key(*id)).collect();
    assert!(missing.iter().all(|id| id.starts_with("auth0|new")), "{missing:?}");
    auth0.pass(Duration::from_secs(60));
    auth0.sync_well(Mode::Latest).await;
    let stored = auth0.contents().changed();
    for (id, at) in &there {
        assert_eq!(stored.get(id), Some(at), "{id}");
    }
    auth0.sync_well(Mode::Full).await;
    assert_eq!(auth0.contents().changed(), there, "and those who left are gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_whom_the_index_shows_late_is_brought_by_the_next_run() {
    let mut auth0 =
        tenant(Options { users: 120, index_lag: Duration::from_secs(600), ..Options::default() })
            .await;
    auth0.tenant.state().put_user(signup("auth0|late", "2026-03-01T12:00:00.000Z"));
    auth0.sync_well(Mode::Full).await;
    assert!(!auth0.contents().users.contains_key("auth0|late"), "the index lags");
    auth0.pass(Duration::from_secs(700));
    auth0.sync_well(Mode::Latest).await;
    assert_eq!(auth0.contents().changed(), auth0.users());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_run_with_a_window_clears_nobody() {
    let mut auth0 = tenant(Options { users: 300, ..Options::default() }).await;
    auth0.sync_well(Mode::Full).await;
    auth0.options.request.since = Some(auth0.clock.now() - 86_400_000);
    auth0.sync_well(Mode::Full).await;
    assert_eq!(auth0.contents().changed(), auth0.users());
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_see_the_old_users_until_the_new_ones_are_whole() {
    let mut auth0 = tenant(Options { users: 700, page_limit: 50, ..Options::default() }).await;
    auth0.sync_well(Mode::Full).await;
    let before = auth0.contents();
    let ids: Vec<String> = auth0.users().into_keys().collect();
    let seen = Arc::new(Mutex::new(Vec::new()));
    {
        let mut state = auth0.tenant.state();
        ids.iter().take(350).for_each(|id| assert!(state.remove_user(id)));
        for number in 0..400 {
            state.put_user(signup(&format!("auth0|new{number}"), "2026-03-01T11:00:00.000Z"));
        }
        state.forget_requests();
        for number in 1..60 {
            let (path, seen) = (auth0.path(), seen.clone());
            state.at_request(number, move |_| seen.lock().unwrap().push(Contents::read(&path)));
        }
    }
    let path = auth0.path();
    let mut storage = Tapped::new(auth0.database());
    let writes_seen = seen.clone();
    storage.after = Box::new(move |_| writes_seen.lock().unwrap().push(Contents::read(&path)));
    auth0.options.request.mode = Mode::Full;
    let report = auth0.sync_into(&mut storage).await;
    drop(storage);
    assert_eq!(report.exit().code(), 0, "{report:#?}");
    let after = auth0.contents();
    assert_eq!(after.changed(), auth0.users());
    let seen = seen.lock().unwrap();
    assert!(seen.len() > 30, "readers looked {} times", seen.len());
    let old = seen.iter().take_while(|contents| contents.users == before.users).count();
    assert!(old > 15, "the old users were to be seen during the walk");
    for contents in seen.iter().skip(old) {
        assert!(contents.users == after.users, "{} users were seen", contents.users.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_of_more_users_at_one_instant_than_can_be_paged_is_not_lost() {
    let options =
        Options { users: 1_700, ties: 1_400, unstable_ties: true, years: 1, ..Options::default() };
    let mut auth0 = tenant(options).await;
    let report = auth0.sync_well(Mode::Full).await;
    assert_eq!(auth0.contents().changed(), auth0.users());
    assert_eq!(warnings(&report, USERS), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_of_a_crowded_instant_who_leaves_while_it_is_paged_costs_nobody_else() {
    let mut auth0 = tenant(Options { users: 400, ties: 330, ..Options::default() }).await;
    let crowd: Vec<String> = auth0.users().into_keys().collect();
    for (turn, id) in (4..12).zip(crowd) {
        auth0.tenant.state().at_request(turn, move |state| {
            state.remove_user(&id);
        });
    }
    auth0.sync_well(Mode::Full).await;
    let stored = auth0.contents().changed();
    for (id, at) in auth0.users() {
        assert_eq!(stored.get(&id), Some(&at), "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_without_a_date_of_creation_are_not_lost() {
    let mut auth0 = tenant(Options { users: 500, ..Options::default() }).await;
    let ids: Vec<String> = auth0.users().into_keys().step_by(3).collect();
    for id in &ids {
        auth0.tenant.state().update_user(id, |user| user.unset("created_at"));
    }
    auth0.sync_well(Mode::Full).await;
    assert_eq!(auth0.contents().changed(), auth0.users());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_gives_smaller_pages_than_asked_for_does_not_end_the_walk() {
    let options = Options { users: 300, ties: 40, page_limit: 7, ..Options::default() };
    let mut auth0 = tenant(options).await;
    auth0.sync_well(Mode::Full).await;
    assert_eq!(auth0.contents().changed(), auth0.users());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_is_too_slow_is_narrowed_until_every_user_is_found() {
    let slow = SlowSearch { users: 150, span: Duration::from_hours(24 * 90) };
    let mut auth0 =
        tenant(Options { users: 900, slow_search: Some(slow), ..Options::default() }).await;
    auth0.sync_well(Mode::Full).await;
    assert_eq!(auth0.contents().changed(), auth0.users());
    auth0.pass(Duration::from_hours(24 * 200));
    auth0.sync_well(Mode::Latest).await;
    assert_eq!(auth0.contents().changed(), auth0.users());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_changed_in_2099_does_not_end_all_updates() {
    let mut auth0 = tenant(Options { users: 200, ..Options::default() }).await;
    let ids: Vec<String> = auth0.users().into_keys().collect();
    auth0.tenant.state().update_user(&ids[0], |user| {
        user.set("updated_at", &json!("2099-01-01T00:00:00.000Z"));
    });
    auth0.sync_well(Mode::Full).await;
    for id in &ids[1..4] {
        auth0.pass(Duration::from_secs(3600));
        auth0.tenant.state().update_user(id, |user| user.set("blocked", &true.into()));
        auth0.sync_well(Mode::Latest).await;
        assert_eq!(auth0.contents().changed(), auth0.users());
        assert_eq!(auth0.contents().users[id].1["blocked"], true);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_latest_run_reads_what_changed_and_not_the_whole_tenant() {
    let mut auth0 = tenant(Options { users: 1_200, ..Options::default() }).await;
    auth0.sync_well(Mode::Full).await;
    auth0.pass(Duration::from_secs(7_200));
    let id = auth0.users().into_keys().nth(7).unwrap();
    auth0.tenant.state().update_user(&id, |user| user.set("email", &json!("b@example.com")));
    auth0.tenant.state().forget_requests();
    let report = auth0.sync_well(Mode::Auto).await;
    assert_eq!(report.mode, Some(RunMode::Latest));
    assert_eq!(auth0.contents().users[&id].1["email"], "b@example.com");
    assert_eq!(auth0.asked_for("/api/v2/users"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_shows_nobody_empties_no_dashboard() {
    let mut auth0 =
        Auth0::new(Options { users: 150, logs: 400, odd: false, ..Options::default() }).await;
    auth0.sync_well(Mode::Full).await;
    let before = auth0.contents();
    let ids: Vec<String> = auth0.users().into_keys().collect();
    for id in &ids {
        auth0.tenant.state().remove_user(id);
    }
    let now = auth0.clock.now();
    let event = auth0.tenant.state().append_log(&auth0_tenant::NewLog::new("s", now));
    let report = auth0.sync_mode(Mode::Full).await;
    assert_eq!(report.exit().code(), 75, "{report:#?}");
    let failure = report.resources[USERS].failure.as_ref().unwrap();
    assert!(failure.message.contains("Nothing was replaced"), "{}", failure.message);
    let after = auth0.contents();
    assert_eq!(after.users, before.users);
    assert!(after.events.contains_key(&event), "the others go on");
}

#[tokio::test(flavor = "multi_thread")]
async fn users_gone_without_a_word_leave_with_the_full_run_that_is_due_after_a_day() {
    let mut auth0 = tenant(Options { users: 150, ..Options::default() }).await;
    auth0.sync_well(Mode::Auto).await;
    let id = auth0.users().into_keys().next().unwrap();
    auth0.tenant.state().remove_user(&id);
    auth0.pass(Duration::from_hours(23));
    assert_eq!(auth0.sync_well(Mode::Auto).await.mode, Some(RunMode::Latest));
    assert!(auth0.contents().users.contains_key(&id), "nothing tells that it is gone");
    auth0.pass(Duration::from_hours(2));
    assert_eq!(auth0.sync_well(Mode::Auto).await.mode, Some(RunMode::Full));
    assert_eq!(auth0.contents().changed(), auth0.users());
}

/// More bytes than the connector takes in one answer.
const HUGE: usize = 3 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_cannot_be_read_costs_nobody_else() {
    let huge = |created_at: &str| {
        let email = "x".repeat(HUGE);
        json!({ "user_id": "auth0|zz", "email": email, "created_at": created_at }).to_string()
    };
    let broken = |_: &str| "{\"broken\":".to_owned();
    for row in [&huge as &dyn Fn(&str) -> String, &broken] {
        let mut auth0 = tenant(Options { users: 260, ties: 30, ..Options::default() }).await;
        let whole = auth0.users();
        // One of those who were created at the same instant, and one alone.
        for at in [whole.values().nth(3).copied(), crowded(&auth0)] {
            let at = at.unwrap();
            let row = row(&instant(at));
            let unreadable = User::from_json(row).indexed_as(&format!("auth0|zz{at}"));
            auth0.tenant.state().put_user(unreadable.indexed_created_at(at));
        }
        let report = auth0.sync_until_done().await;
        assert_eq!(auth0.contents().changed(), whole);
        assert!(warnings(&report, USERS).contains(&"user-unreadable".to_owned()), "{report:#?}");
    }
}

fn instant(millis: i64) -> String {
    let at = time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000);
    at.unwrap().format(&time::format_description::well_known::Rfc3339).unwrap()
}

/// The instant at which most users were created.
fn crowded(auth0: &Auth0) -> Option<i64> {
    let state = auth0.tenant.state();
    let mut instants = BTreeMap::<i64, usize>::new();
    for at in state.users().filter_map(User::created_at) {
        *instants.entry(at).or_default() += 1;
    }
    instants.into_iter().max_by_key(|(_, users)| *users).map(|(at, _)| at)
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_users_are_kept_and_told() {
    let mut auth0 = Auth0::new(Options { users: 400, logs: 0, ..Options::default() }).await;
    let report = auth0.sync_well(Mode::Full).await;
    let kept: BTreeSet<String> = auth0.contents().users.into_keys().collect();
    let state = auth0.tenant.state();
    let named = state.users().filter(|user| user.get("user_id").is_some());
    assert_eq!(kept, named.map(|user| user.id().to_owned()).collect());
    let told = &report.resources[USERS].warnings;
    assert!(told.iter().any(|warning| warning.code == "odd-rows"), "{told:?}");
}
