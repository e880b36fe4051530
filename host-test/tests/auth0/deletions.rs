//! Users deleted at Auth0 go, and nobody else.

use std::time::Duration;

use auth0_tenant::{NewLog, Options};
use rawdash_host::contract::Mode;
use rawdash_host::report::RunMode;

use crate::support::auth0::Auth0;

async fn synced() -> (Auth0, Vec<String>) {
    let options = Options { users: 220, logs: 300, odd: false, ..Options::default() };
    let mut auth0 = Auth0::new(options).await;
    auth0.sync_well(Mode::Full).await;
    let ids = auth0.users().into_keys().collect();
    auth0.pass(Duration::from_hours(1));
    (auth0, ids)
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_users_do_not_stay_for_ever() {
    let (mut auth0, ids) = synced().await;
    for id in &ids[..5] {
        auth0.tenant.state().delete_user(id);
    }
    let report = auth0.sync_well(Mode::Latest).await;
    assert_eq!(auth0.contents().changed(), auth0.users());
    assert_eq!(report.resources["auth0_user"].removed, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_came_back_under_the_same_id_is_kept() {
    let (mut auth0, ids) = synced().await;
    let user = auth0.tenant.state().user(&ids[3]).cloned().unwrap();
    auth0.tenant.state().delete_user(&ids[3]);
    auth0.tenant.state().put_user(user);
    auth0.sync_well(Mode::Latest).await;
    assert_eq!(auth0.contents().changed(), auth0.users());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_row_that_names_somebody_else_deletes_nobody() {
    let (mut auth0, ids) = synced().await;
    let now = auth0.clock.now();
    auth0.tenant.state().append_log(&NewLog::new("sdu", now).about(&ids[9]));
    auth0.tenant.state().append_log(&NewLog::new("sdu", now).about("auth0|../../users?q=*"));
    auth0.sync_well(Mode::Latest).await;
    assert_eq!(auth0.contents().changed(), auth0.users());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_user_whom_the_index_still_shows_does_not_come_back() {
    let (mut auth0, ids) = synced().await;
    auth0.tenant.state().update_user(&ids[0], |_| ());
    auth0.sync_well(Mode::Latest).await;
    auth0.tenant.state().options().index_lag = Duration::from_secs(600);
    auth0.tenant.state().delete_user(&ids[0]);
    for mode in [Mode::Latest, Mode::Latest, Mode::Full, Mode::Latest] {
        auth0.sync_well(mode).await;
        assert_eq!(auth0.contents().changed(), auth0.users(), "{mode:?}");
        auth0.pass(Duration::from_secs(120));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_deleted_during_a_full_run_are_not_brought_by_what_was_staged() {
    let (mut auth0, ids) = synced().await;
    auth0.tenant.state().forget_requests();
    let id = ids[0].clone();
    auth0.tenant.state().at_request(2, move |state| {
        state.options().index_lag = Duration::from_secs(600);
        state.delete_user(&id);
    });
    auth0.sync_well(Mode::Full).await;
    assert_eq!(auth0.contents().changed(), auth0.users());
}

#[tokio::test(flavor = "multi_thread")]
async fn more_deletions_than_are_remembered_make_the_next_run_full() {
    let (mut auth0, ids) = synced().await;
    {
        let mut state = auth0.tenant.state();
        let now = state.now();
        for number in 0..1_000 {
            state.append_log(&NewLog::new("sdu", now).about(&format!("auth0|stranger{number}")));
        }
        ids[..20].iter().for_each(|id| assert!(state.delete_user(id)));
    }
    let report = auth0.sync_well(Mode::Auto).await;
    assert_eq!(report.mode, Some(RunMode::Latest));
    let told = &report.resources["auth0_login_event"].warnings;
    assert!(told.iter().any(|warning| warning.code == "deletions-overflow"), "{told:?}");
    assert_ne!(auth0.contents().changed(), auth0.users(), "some could not be remembered");
    assert_eq!(auth0.sync_well(Mode::Auto).await.mode, Some(RunMode::Full));
    assert_eq!(auth0.contents().changed(), auth0.users());
}
