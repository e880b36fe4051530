//! Daily statistics: a day that was stored stays, and none is left out.

use std::time::Duration;

use auth0_tenant::{NewLog, Options};
use rawdash_host::contract::Mode;
use serde_json::json;

use crate::support::auth0::Auth0;

const DAY: i64 = 86_400_000;

async fn tenant() -> Auth0 {
    let options = Options { users: 200, logs: 2_000, odd: false, ..Options::default() };
    let mut auth0 = Auth0::new(options).await;
    auth0.configure("resources", json!(["daily_active_users"]));
    auth0
}

/// Midnight, so many days ago.
fn day(auth0: &Auth0, ago: i64) -> i64 {
    auth0.clock.now().div_euclid(DAY) * DAY - ago * DAY
}

/// Days go by, and somebody logs in on each.
fn days_pass(auth0: &Auth0, days: u32) {
    for _ in 0..days {
        auth0.pass(Duration::from_hours(24));
        let now = auth0.clock.now();
        auth0.tenant.state().append_log(&NewLog::new("s", now - 7_200_000));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lookback_is_read_to_today_and_quiet_days_have_no_sample() {
    let mut auth0 = tenant().await;
    let quiet = day(&auth0, 5);
    auth0.tenant.state().set_stats(quiet, None);
    auth0.sync_well(Mode::Full).await;
    let contents = auth0.contents();
    assert_eq!(contents.samples, auth0.samples(day(&auth0, 29)));
    assert_eq!(contents.sample_rows, contents.samples.len() as i64);
    assert!(!contents.samples.contains_key(&(quiet, "logins".to_owned())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_latest_run_replaces_no_more_than_its_own_days() {
    let mut auth0 = tenant().await;
    auth0.sync_well(Mode::Full).await;
    let before = auth0.contents().samples;
    auth0.pass(Duration::from_hours(1));
    // Far back, a latest run does not look; two days back it does.
    for ago in [20, 2] {
        let row = json!({ "date": iso(day(&auth0, ago)), "logins": 7_000, "signups": 1 });
        let at = day(&auth0, ago);
        auth0.tenant.state().set_stats(at, Some(&row.to_string()));
    }
    let yesterday = day(&auth0, 1);
    auth0.tenant.state().set_stats(yesterday, None);
    auth0.sync_well(Mode::Latest).await;
    let after = auth0.contents().samples;
    let key = |ago: i64| (day(&auth0, ago), "logins".to_owned());
    assert_eq!(after.get(&key(20)), before.get(&key(20)));
    assert_eq!(after.get(&key(2)), Some(&7_000.0));
    assert_eq!(after.get(&key(1)), None, "the day is quiet now");
    assert!(after.len() + 2 >= before.len(), "{} samples -> {}", before.len(), after.len());
}

fn iso(millis: i64) -> String {
    let at = time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000);
    at.unwrap().format(&time::format_description::well_known::Rfc3339).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_days_leaves_no_hole() {
    let mut auth0 = tenant().await;
    auth0.sync_well(Mode::Full).await;
    days_pass(&auth0, 12);
    auth0.sync_well(Mode::Latest).await;
    assert_eq!(auth0.contents().samples, auth0.samples(day(&auth0, 12 + 29)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_longer_than_the_lookback_leaves_no_hole() {
    let mut auth0 = tenant().await;
    auth0.configure("statsLookbackDays", json!(3));
    auth0.sync_well(Mode::Full).await;
    days_pass(&auth0, 9);
    auth0.sync_well(Mode::Full).await;
    assert_eq!(auth0.contents().samples, auth0.samples(day(&auth0, 9 + 2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn since_reaches_further_back_and_removes_nothing() {
    let mut auth0 = tenant().await;
    auth0.sync_well(Mode::Full).await;
    auth0.options.request.since = Some(day(&auth0, 1));
    auth0.sync_well(Mode::Full).await;
    assert_eq!(auth0.contents().samples, auth0.samples(day(&auth0, 29)), "a later one");
    auth0.options.request.since = Some(day(&auth0, 800));
    auth0.sync_well(Mode::Full).await;
    assert_eq!(auth0.contents().samples, auth0.samples(day(&auth0, 800)), "an earlier one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_changes_late_on_the_next_day_is_read_again() {
    let mut auth0 = tenant().await;
    auth0.sync_well(Mode::Full).await;
    days_pass(&auth0, 1);
    auth0.sync_well(Mode::Latest).await;
    let today = day(&auth0, 0);
    auth0.pass(Duration::from_hours(35));
    let row = json!({ "date": iso(today), "logins": 41, "signups": 2 });
    auth0.tenant.state().set_stats(today, Some(&row.to_string()));
    auth0.sync_well(Mode::Latest).await;
    assert_eq!(auth0.contents().samples.get(&(today, "logins".to_owned())), Some(&41.0));
}
