//! Runs that break off: what was stored stays, and the rest comes later.

use auth0_tenant::{NewLog, Options, SlowSearch};
use rawdash_host::contract::Mode;
use rawdash_host::report::RunMode;
use std::time::Duration;

use crate::support::auth0::{Auth0, Contents};
use crate::support::tapped::Tapped;

async fn tenant() -> Auth0 {
    let slow = SlowSearch { users: 40, span: Duration::from_hours(24 * 365 * 9) };
    let options = Options {
        users: 230,
        logs: 500,
        ties: 25,
        page_limit: 20,
        slow_search: Some(slow),
        odd: false,
        ..Options::default()
    };
    let mut auth0 = Auth0::new(options).await;
    let ids: Vec<String> = auth0.users().into_keys().step_by(9).collect();
    let mut state = auth0.tenant.state();
    ids.iter().for_each(|id| state.update_user(id, |user| user.unset("created_at")));
    drop(state);
    auth0.options.request.mode = Mode::Full;
    auth0
}

/// Runs until a write is refused; tells the exit status and the writes stored.
async fn until_broken(auth0: &mut Auth0, broken_from: Option<usize>) -> (u8, usize) {
    let mut storage = Tapped::new(auth0.database());
    storage.broken_from = broken_from;
    let report = auth0.sync_into(&mut storage).await;
    (report.exit().code(), storage.writes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_breaks_off_after_any_step_brings_the_same_in_the_end() {
    let mut whole = tenant().await;
    let (_, steps) = until_broken(&mut whole, None).await;
    let wanted = whole.contents();
    assert_eq!(wanted.changed(), whole.users());
    assert_eq!(wanted.event_ids(), whole.events());
    assert!(steps > 20, "{steps}");
    for broken_from in 1.. {
        let mut auth0 = tenant().await;
        // How many pages a step holds depends on which answers come together.
        let (code, _) = until_broken(&mut auth0, Some(broken_from)).await;
        if code == 0 {
            break;
        }
        let report = auth0.sync_well(Mode::Full).await;
        // At the last steps every run has ended.
        if broken_from < 20 {
            assert_eq!(report.resumed, broken_from > 1, "step {broken_from}");
        }
        assert_eq!(auth0.contents(), wanted, "broken off at step {broken_from}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_break_off_at_their_first_step_each_time_still_read_everything() {
    let mut auth0 = tenant().await;
    let mut whole = tenant().await;
    let (_, steps) = until_broken(&mut whole, None).await;
    let wanted = whole.contents();
    auth0.options.request.mode = Mode::Auto;
    let mut broken = 0;
    // Four writes: that each run began or is carried on, and one step.
    while auth0.database().checkpoint().unwrap().is_none() || auth0.contents() != wanted {
        assert_eq!(until_broken(&mut auth0, Some(5)).await.0, 74, "the next begins anew");
        broken += 1;
        assert!(broken <= 5 * steps, "{broken} commands instead of {steps} steps");
    }
    assert!(broken > 20, "{broken}");
    assert_eq!(wanted.changed(), auth0.users());
    assert_eq!(wanted.event_ids(), auth0.events());
    auth0.sync_well(Mode::Auto).await;
    assert_eq!(auth0.contents(), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_run_that_breaks_off_takes_nothing_from_readers() {
    let mut auth0 = tenant().await;
    auth0.sync_well(Mode::Full).await;
    let before = auth0.contents();
    auth0.pass(Duration::from_hours(1));
    for broken_from in [2, 6, 10, 14] {
        until_broken(&mut auth0, Some(broken_from)).await;
        let now = Contents::read(&auth0.path());
        assert_eq!(now.users, before.users);
        assert_eq!(now.events, before.events);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_under_way_keeps_its_request_and_the_new_one_comes_after_it() {
    let mut auth0 = tenant().await;
    auth0.sync_well(Mode::Full).await;
    auth0.pass(Duration::from_hours(1));
    let id = auth0.users().into_keys().next().unwrap();
    auth0.tenant.state().remove_user(&id);
    auth0.options.request.mode = Mode::Full;
    assert_eq!(until_broken(&mut auth0, Some(8)).await.0, 74);
    let now = auth0.clock.now();
    auth0.tenant.state().append_log(&NewLog::new("s", now));
    let report = auth0.sync_well(Mode::Latest).await;
    assert!(report.resources["auth0_user"].resumed);
    assert_eq!(report.mode, Some(RunMode::Full), "the full run first");
    assert_eq!(auth0.contents().changed(), auth0.users(), "the full run was not given up");
    assert_eq!(auth0.contents().event_ids(), auth0.events());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_of_another_tenant_is_refused_and_says_what_to_do() {
    let mut auth0 = tenant().await;
    auth0.sync_well(Mode::Full).await;
    let before = auth0.contents();
    let other = Auth0::new(Options { seed: 2, users: 5, logs: 5, ..Options::default() }).await;
    auth0.configure("domain", other.tenant.domain().into());
    let report = auth0.sync().await;
    assert_eq!(report.exit().code(), 78);
    let message = report.failure.unwrap().message;
    assert!(message.contains("another source") && message.contains("reset"), "{message}");
    assert_eq!(auth0.contents(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_that_was_cut_altered_or_is_newer_is_refused() {
    let mut auth0 = tenant().await;
    auth0.sync_well(Mode::Full).await;
    let good = auth0.database().checkpoint().unwrap().unwrap();
    let alterations = [
        good[..good.len() / 2].to_owned(),
        good.replace("\"sum\":\"", "\"sum\":\"0"),
        good.replace("AA", "AB"),
        good.replace("\"version\":6", "\"version\":5"),
        good.replace("\"version\":6", "\"version\":7"),
        good.clone() + "x",
        String::new(),
        "[]".to_owned(),
        "null".to_owned(),
        "[".repeat(100_000),
    ];
    for altered in alterations {
        assert_ne!(altered, good, "nothing was altered");
        auth0.database().commit(&[], &altered).unwrap();
        let report = auth0.sync().await;
        assert_eq!(report.exit().code(), 78, "{altered:.200}");
        let message = report.failure.unwrap().message;
        assert!(message.to_lowercase().contains("reset"), "{message}");
    }
    auth0.database().commit(&[], &good).unwrap();
    auth0.sync_well(Mode::Auto).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_that_is_reset_loses_nothing_that_is_stored() {
    let mut auth0 = tenant().await;
    auth0.sync_well(Mode::Full).await;
    let before = auth0.contents();
    let now = auth0.clock.now();
    auth0.tenant.state().drop_logs_before(now - 86_400_000);
    auth0.database().reset().unwrap();
    let report = auth0.sync_well(Mode::Auto).await;
    assert_eq!(report.mode, Some(RunMode::Full));
    assert_eq!(auth0.contents(), before);
}
