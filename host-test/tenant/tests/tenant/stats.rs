use crate::client::{Client, NOW, tenant};
use auth0_tenant::Options;
use serde_json::Value;
use std::time::Duration;

const DAILY: &str = "/api/v2/stats/daily";
const DAY: i64 = 24 * 3_600_000;
const MIDNIGHT: i64 = NOW - NOW % DAY;

fn options() -> Options {
    Options { users: 300, logs: 4_000, odd: false, ..Options::default() }
}

#[tokio::test]
async fn quiet_days_are_missing_and_none_is_all_zero() {
    let (tenant, _) = tenant(options()).await;
    let client = Client::new(&tenant).await;
    let rows = client.get(DAILY, &[]).await.rows();
    let dates: Vec<_> = rows.iter().map(|row| row["date"].as_str().unwrap()).collect();
    assert!(dates.is_sorted_by(|one, other| one < other));
    assert!(rows.len() > 500 && rows.len() < 4 * 365, "{}", rows.len());
    assert!(rows.iter().all(|row| row["logins"] != 0 || row["signups"] != 0));
    assert!(rows[0].get("created_at").is_none(), "old rows have no instants");
    assert!(rows.last().unwrap().get("leaked_passwords_signup").is_some());
}

#[tokio::test]
async fn the_window_includes_both_ends_and_an_invalid_one_is_a_400() {
    let (tenant, _) = tenant(options()).await;
    let client = Client::new(&tenant).await;
    let window = [("from", "20260819"), ("to", "20260820")];
    let rows = client.get(DAILY, &window).await.rows();
    let dates: Vec<_> = rows.iter().map(|row| row["date"].as_str().unwrap()).collect();
    assert_eq!(dates, ["2026-08-19T00:00:00.000Z", "2026-08-20T00:00:00.000Z"]);
    let turned = client.get(DAILY, &[("from", "20260820"), ("to", "20260819")]).await;
    assert_eq!(turned.status, 400);
    assert_eq!(turned.json()["message"], "'from' date cannot be greater than 'to' date.");
    for bad in ["2026-08-20", "20261320", "19990101", "2026082"] {
        assert_eq!(client.get(DAILY, &[("from", bad)]).await.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn a_finished_day_counts_its_logins_but_only_late_on_the_next_day() {
    let (tenant, clock) = tenant(options()).await;
    let logins = |day: i64| {
        let state = tenant.state();
        let rows = state.stats();
        let row = rows.iter().find(|row| row.date == day).unwrap();
        let logged = state
            .logs()
            .filter(|log| log.kind == "s" && (day..day + DAY).contains(&log.date))
            .count() as u64;
        (row.logins, logged)
    };
    let yesterday = MIDNIGHT - DAY;
    let (counted, logged) = logins(yesterday);
    assert!(counted < logged, "yesterday still changes");
    let (counted, logged) = logins(MIDNIGHT - 2 * DAY);
    assert_eq!(counted, logged, "the day before does not");
    // 23:21:59 and 23:22:00 of today.
    clock.set(MIDNIGHT + DAY - 38 * 60_000 - 1_000);
    let (before, _) = logins(yesterday);
    clock.advance(Duration::from_secs(1));
    let (settled, logged) = logins(yesterday);
    assert_eq!(settled, logged);
    assert!(before <= settled);
    clock.advance(Duration::from_hours(48));
    assert_eq!(logins(yesterday).0, settled);
}

#[tokio::test]
async fn today_is_up_to_an_hour_behind() {
    let (tenant, clock) = tenant(options()).await;
    let today = || {
        let rows = tenant.state().stats();
        rows.iter().find(|row| row.date == MIDNIGHT).map_or(0, |row| row.signups)
    };
    let before = today();
    let created = r#"{"user_id":"auth0|today","created_at":"2026-08-20T12:34:56.000Z"}"#;
    tenant.state().put_user(auth0_tenant::User::from_json(created));
    assert_eq!(today(), before);
    clock.set(MIDNIGHT + 13 * 3_600_000 + 22 * 60_000 - 1);
    assert_eq!(today(), before);
    clock.advance(Duration::from_millis(1));
    assert_eq!(today(), before + 1);
}

#[tokio::test]
async fn a_test_can_set_a_row_or_make_a_day_quiet() {
    let (tenant, _) = tenant(options()).await;
    let client = Client::new(&tenant).await;
    {
        let mut state = tenant.state();
        state.set_stats(MIDNIGHT, Some(r#"{"date":"2026-08-20T00:00:00.000Z","logins":7}"#));
        state.set_stats(MIDNIGHT - DAY, None);
    }
    let rows = client.get(DAILY, &[("from", "20260819")]).await.rows();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["logins"], 7);
}

#[tokio::test]
async fn active_users_is_a_bare_number() {
    let (tenant, _) = tenant(options()).await;
    let client = Client::new(&tenant).await;
    let reply = client.get("/api/v2/stats/active-users", &[]).await;
    assert_eq!(reply.json(), Value::from(tenant.state().active_users()));
    assert!(tenant.state().active_users() > 0);
}
