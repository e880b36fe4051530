use crate::client::{Client, NOW, tenant};
use auth0_tenant::{Day, NewLog, Options};
use std::collections::BTreeSet;
use std::time::Duration;

const LOGS: &str = "/api/v2/logs";
const USERS: &str = "/api/v2/users";
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn plain(users: u32) -> Options {
    Options { users, logs: 0, odd: false, ..Options::default() }
}

#[tokio::test]
async fn each_day_has_its_logins_and_users_and_the_rows_of_the_day_before_have_expired() {
    let options = Options { retention_days: Some(1), ..plain(20) };
    let (tenant, clock) = tenant(options).await;
    tenant.state().schedule_days(4, Day { logins: 3, signups: 1 });
    let mut seen = BTreeSet::new();
    for day in 1..=5 {
        clock.advance(Duration::from_hours(24));
        let client = Client::new(&tenant).await;
        let rows = client.get(LOGS, &[("from", "9"), ("take", "100")]).await.rows();
        let of_type = |code: &str| rows.iter().filter(|row| row["type"] == code).count();
        let happens = day <= 4;
        assert_eq!(of_type("s"), if happens { 3 } else { 0 });
        assert_eq!(of_type("ss"), usize::from(happens));
        assert!(rows.iter().all(|row| seen.insert(row["log_id"].to_string())));
        let query = [("include_totals", "true"), ("sort", "created_at:1")];
        let users = client.get(USERS, &query).await.json();
        assert_eq!(users["total"], 20 + day.min(4));
    }
    assert_eq!(seen.len(), 16);
}

#[tokio::test]
async fn a_change_is_made_as_of_its_instant_and_in_the_order_of_instants() {
    let (tenant, clock) = tenant(plain(1)).await;
    let client = Client::new(&tenant).await;
    let id = tenant.state().users().next().unwrap().id().to_owned();
    for hours in [5, 2] {
        let id = id.clone();
        tenant.state().at(NOW + hours * HOUR, move |state| drop(state.log_in(&id)));
    }
    tenant.state().append_log(&NewLog::new("w", NOW));
    clock.advance(Duration::from_hours(2) - Duration::from_millis(1));
    assert_eq!(client.get(LOGS, &[("from", "9")]).await.rows().len(), 1);
    clock.advance(Duration::from_hours(9));
    let rows = client.get(LOGS, &[("from", "9")]).await.rows();
    let dates: Vec<_> = rows.iter().map(|row| row["date"].as_str().unwrap()).collect();
    assert_eq!(
        dates,
        ["2026-08-20T12:34:56.789Z", "2026-08-20T14:34:56.789Z", "2026-08-20T17:34:56.789Z"]
    );
    assert!(rows[2]["log_id"].as_str().unwrap().starts_with("90020260820173456789"));
    let state = tenant.state();
    let user = state.user(&id).unwrap();
    assert_eq!(user.get("last_login").unwrap(), "2026-08-20T17:34:56.789Z");
    assert_eq!(user.updated_at(), Some(NOW + 5 * HOUR));
}

#[tokio::test]
async fn a_new_user_signs_up_at_its_instant_with_a_log_row_and_is_found_after_the_lag() {
    let options = Options { index_lag: Duration::from_secs(5), ..plain(2) };
    let (tenant, clock) = tenant(options).await;
    let client = Client::new(&tenant).await;
    tenant.state().at(NOW + 1_000, |state| drop(state.sign_up()));
    let total =
        async || client.get(USERS, &[("include_totals", "true")]).await.json()["total"].clone();
    clock.advance(Duration::from_millis(5_999));
    assert_eq!(total().await, 2);
    let rows = client.get(LOGS, &[]).await.rows();
    assert_eq!(rows[0]["type"], "ss");
    let id = rows[0]["user_id"].as_str().unwrap();
    let user = client.get(&format!("{USERS}/{}", id.replace('|', "%7C")), &[]).await.json();
    assert_eq!(user["created_at"], "2026-08-20T12:34:57.789Z");
    assert!(user.get("last_login").is_none());
    clock.advance(Duration::from_millis(1));
    assert_eq!(total().await, 3);
}

#[tokio::test]
async fn the_statistics_count_the_logins_and_signups_of_a_scheduled_day() {
    let (tenant, clock) = tenant(plain(20)).await;
    clock.set(NOW - NOW % DAY + DAY);
    tenant.state().schedule_days(1, Day { logins: 3, signups: 2 });
    clock.advance(Duration::from_hours(72));
    let client = Client::new(&tenant).await;
    let days = client.get("/api/v2/stats/daily", &[("from", "20260821")]).await.rows();
    assert_eq!(days.len(), 1);
    assert_eq!((&days[0]["logins"], &days[0]["signups"]), (&3.into(), &2.into()));
}
