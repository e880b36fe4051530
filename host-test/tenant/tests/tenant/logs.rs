use crate::client::{Client, NOW, Reply, tenant};
use auth0_tenant::{LATIN1_E_ACUTE, LogIds, LogMix, NewLog, Options, StaleFrom, Tenant};
use serde_json::json;
use std::time::Duration;

const LOGS: &str = "/api/v2/logs";
const DAY: i64 = 24 * 3_600_000;

fn plain(logs: u32) -> Options {
    Options { users: 20, logs, odd: false, ..Options::default() }
}

fn ids(reply: &Reply) -> Vec<String> {
    let rows = reply.rows();
    rows.iter().map(|row| row["log_id"].as_str().unwrap().to_owned()).collect()
}

fn all_ids(tenant: &Tenant) -> Vec<String> {
    tenant.state().logs().map(|log| log.id).collect()
}

fn constructed(tenant: &Tenant) -> String {
    let first = all_ids(tenant).remove(0);
    format!("{:0<56}", &first[..3])
}

#[tokio::test]
async fn following_the_link_from_a_constructed_id_reads_each_row_once_in_the_order_of_ids() {
    for log_ids in [LogIds::Timed900, LogIds::Timed800, LogIds::Kinesis] {
        let options = Options { log_ids, ..plain(950) };
        let (tenant, _) = tenant(options).await;
        let client = Client::new(&tenant).await;
        let mut from = constructed(&tenant);
        let mut read = Vec::new();
        loop {
            let reply = client.get(LOGS, &[("from", &from), ("take", "100")]).await;
            let link = reply.header("link").unwrap().to_owned();
            let next = link
                .split_once("from=")
                .and_then(|(_, rest)| rest.split_once('&'))
                .map(|(id, _)| id.to_owned())
                .unwrap();
            assert_eq!(
                link,
                format!("<https://{}{LOGS}?from={next}&take=100>; rel=\"next\"", tenant.domain())
            );
            let page = ids(&reply);
            if page.is_empty() {
                assert_eq!(next, from, "the empty page leads to itself");
                break;
            }
            assert_eq!(page.last(), Some(&next));
            read.extend(page);
            assert!(read.len() <= 950, "a row came twice");
            from = next;
        }
        assert_eq!(read, all_ids(&tenant));
        assert_eq!(read.len(), 950);
        assert!(read.is_sorted() && read.iter().all(|id| id.len() == 56));
    }
}

#[tokio::test]
async fn from_is_exclusive_and_every_other_parameter_is_ignored() {
    let (tenant, _) = tenant(plain(300)).await;
    let client = Client::new(&tenant).await;
    let all = all_ids(&tenant);
    let query =
        [("from", all[9].as_str()), ("q", "type:nothing"), ("fields", "date"), ("nonsense", "1")];
    let reply = client.get(LOGS, &query).await;
    assert_eq!(ids(&reply), all[10..60]);
    assert!(reply.rows()[0].get("ip").is_some());
    for bad in ["x", "", "-1", &"9".repeat(65)] {
        let reply = client.get(LOGS, &[("from", bad)]).await;
        assert_eq!(reply.status, 400, "{bad}");
    }
    let too_many = [("from", "9"), ("take", "101")];
    assert_eq!(client.get(LOGS, &too_many).await.status, 400);
}

#[tokio::test]
async fn without_from_it_is_a_search_of_the_newest_fifty_even_with_take() {
    let (tenant, _) = tenant(plain(300)).await;
    let client = Client::new(&tenant).await;
    let newest: Vec<_> = all_ids(&tenant).into_iter().rev().take(50).collect();
    assert_eq!(ids(&client.get(LOGS, &[]).await), newest);
    let with_take = client.get(LOGS, &[("take", "100")]).await;
    assert_eq!(ids(&with_take), newest);
    assert_eq!(with_take.header("link"), None);
}

#[tokio::test]
async fn dates_are_out_of_order_because_rows_are_ingested_late() {
    let options = Options { days: 1, ..plain(20_000) };
    let (tenant, _) = tenant(options).await;
    let state = tenant.state();
    assert!(!state.logs().is_sorted_by_key(|log| log.date));
    assert!(state.logs().is_sorted_by_key(|log| log.ingested));
    assert!(state.logs().all(|log| log.date < log.ingested));
}

#[tokio::test]
async fn the_oldest_row_is_found_by_date() {
    let (tenant, _) = tenant(plain(500)).await;
    let client = Client::new(&tenant).await;
    let oldest = |since: i64| {
        let state = tenant.state();
        let mut logs: Vec<_> = state.logs().filter(|log| log.date >= since).collect();
        logs.sort_by_key(|log| (log.date, log.id.clone()));
        logs.remove(0).id
    };
    let first = client.get(LOGS, &[("sort", "date:1"), ("per_page", "1")]).await;
    assert_eq!(ids(&first), [oldest(0)]);
    // 2026-08-10T00:00:00Z
    let since = NOW - NOW.rem_euclid(DAY) - 10 * DAY;
    let query =
        [("q", "date:[2026-08-10T00:00:00.000Z TO *]"), ("sort", "date:1"), ("per_page", "1")];
    assert_eq!(ids(&client.get(LOGS, &query).await), [oldest(since)]);
}

#[tokio::test]
async fn a_search_ends_at_a_thousand_rows_and_its_total_counts_the_page_only() {
    let (tenant, _) = tenant(plain(1_500)).await;
    let client = Client::new(&tenant).await;
    let page = |page| [("page", page), ("per_page", "100"), ("include_totals", "true")];
    let ninth = client.get(LOGS, &page("9")).await.json();
    assert_eq!(ninth["total"], 100);
    assert_eq!(ninth["start"], 900);
    let refused = client.get(LOGS, &page("10")).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.json()["message"]
            .as_str()
            .unwrap()
            .starts_with("Requesting page 10 exceeds the allowed maximum of 1000 records: ")
    );
    let row = client.get(LOGS, &[("fields", "date")]).await.rows()[0].clone();
    let members: Vec<_> = row.as_object().unwrap().keys().cloned().collect();
    assert_eq!(members, ["_id", "date"]);
    assert_eq!(client.get(LOGS, &[("fields", "log_id")]).await.status, 400);
}

#[tokio::test]
async fn a_late_row_follows_the_others_and_is_visible_only_once_ingested() {
    let (tenant, clock) = tenant(plain(10)).await;
    let client = Client::new(&tenant).await;
    let last = all_ids(&tenant).pop().unwrap();
    let late =
        NewLog::new("fp", NOW - 2 * DAY).about("auth0|late").ingested_after(Duration::from_secs(3));
    let id = tenant.state().append_log(&late);
    let behind = async || client.get(LOGS, &[("from", &last)]).await;
    assert!(behind().await.rows().is_empty());
    clock.advance(Duration::from_secs(3));
    let rows = behind().await.rows();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["log_id"], id);
    assert_eq!(rows[0]["user_id"], "auth0|late");
    assert_eq!(rows[0]["date"], "2026-08-18T12:34:56.789Z");
    assert!(id > last);
}

#[tokio::test]
async fn a_position_older_than_retention_is_moved_or_refused_as_chosen() {
    for stale_from in [StaleFrom::Moved, StaleFrom::Refused] {
        let options = Options { stale_from, retention_days: Some(5), ..plain(2_000) };
        let (tenant, _) = tenant(options).await;
        let client = Client::new(&tenant).await;
        let kept = all_ids(&tenant);
        assert!(kept.len() < 2_000);
        let reply = client.get(LOGS, &[("from", &constructed(&tenant))]).await;
        if stale_from == StaleFrom::Moved {
            assert_eq!(ids(&reply), kept[..50]);
        } else {
            assert_eq!(reply.status, 400);
        }
        let reply = client.get(LOGS, &[("from", &kept[0])]).await;
        assert_eq!(ids(&reply), kept[1..51]);
        tenant.state().drop_logs_before(NOW - DAY);
        assert!(all_ids(&tenant).len() < kept.len());
    }
}

#[tokio::test]
async fn each_deleted_user_has_a_log_row_and_one_of_them_exists_again() {
    let (tenant, _) = tenant(plain(3_000)).await;
    let state = tenant.state();
    let deleted: Vec<String> = state
        .logs()
        .filter(|log| log.kind == "sdu")
        .map(|log| {
            let row: serde_json::Value = serde_json::from_str(&log.json).unwrap();
            row["user_id"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(deleted.len(), 7);
    let back = deleted.iter().filter(|id| state.user(id).is_some()).count();
    assert_eq!(back, 1);
}

#[tokio::test]
async fn a_wrong_password_in_the_password_grant_writes_two_rows() {
    let (tenant, _) = tenant(plain(3_000)).await;
    let logs: Vec<_> = tenant.state().logs().collect();
    let pairs = logs.iter().filter(|log| log.kind == "fepft").count();
    assert!(pairs > 0);
    for second in logs.iter().filter(|log| log.kind == "fepft") {
        assert!(
            logs.iter()
                .any(|first| first.kind == "fp" && (8..=11).contains(&(second.date - first.date)))
        );
    }
}

#[tokio::test]
async fn each_odd_row_is_among_the_others_and_the_link_leads_past_it() {
    let options = Options { odd: true, ..plain(400) };
    let (tenant, _) = tenant(options).await;
    let client = Client::new(&tenant).await;
    let all = all_ids(&tenant);
    let (mut read, mut without_id) = (0, 0);
    for from in [constructed(&tenant), all[99].clone(), all[199].clone(), all[299].clone()] {
        let rows = client.get(LOGS, &[("from", &from), ("take", "100")]).await.rows();
        read += rows.len();
        without_id += rows.iter().filter(|row| row.get("log_id").is_none()).count();
    }
    assert_eq!((read, without_id), (400, 3));
}

#[tokio::test]
async fn a_date_can_be_an_object_or_missing_while_the_id_still_has_the_time() {
    let (tenant, _) = tenant(plain(0)).await;
    let client = Client::new(&tenant).await;
    let existing = {
        let mut state = tenant.state();
        state.append_log(&NewLog::new("s", NOW).with("date", json!({})));
        state.append_log(&NewLog::new("s", NOW).without("date"));
        state.append_log(&NewLog::new("s", NOW))
    };
    tenant.state().set_log_member(&existing, "date", Some(&json!({"$date": 1})));
    tenant.state().set_log_member("901", "date", None);
    let rows = client.get(LOGS, &[("from", "9")]).await.rows();
    let dates: Vec<_> = rows.iter().map(|row| row.get("date").cloned()).collect();
    assert_eq!(dates, [Some(json!({})), None, Some(json!({"$date": 1}))]);
    for row in &rows {
        assert!(row["log_id"].as_str().unwrap().starts_with("90020260820123456789"));
    }
}

#[tokio::test]
async fn one_row_of_a_page_can_have_a_byte_that_is_not_utf8() {
    let (tenant, _) = tenant(plain(30)).await;
    let client = Client::new(&tenant).await;
    let name = json!(format!("Ren{LATIN1_E_ACUTE}"));
    let log = all_ids(&tenant)[7].clone();
    let user = tenant.state().users().nth(7).unwrap().id().to_owned();
    tenant.state().set_log_member(&log, "user_name", Some(&name));
    tenant.state().update_user(&user, |user| user.set("name", &name));
    for (path, query) in [
        (LOGS, vec![("from", "9")]),
        ("/api/v2/users", vec![("sort", "created_at:1")]),
        ("/api/v2/users", vec![("sort", "created_at:1"), ("fields", "name")]),
    ] {
        let body = client.get(path, &query).await.body;
        let error = std::str::from_utf8(&body).unwrap_err();
        assert!(body[..error.valid_up_to()].ends_with(b"Ren"));
        assert!(body[error.valid_up_to()..].starts_with(b"\xe9\""));
        let repaired = String::from_utf8_lossy(&body);
        assert_eq!(repaired.matches('\u{fffd}').count(), 1);
        let rows: Vec<serde_json::Value> = serde_json::from_str(&repaired).unwrap();
        assert_eq!(rows.len(), if path == LOGS { 30 } else { 20 });
    }
}

#[tokio::test]
async fn the_log_consists_of_the_chosen_types_in_the_chosen_mix() {
    let mix = [("s", 2), ("fu", 2), ("fsa", 1), ("brand_new", 1)];
    let options = Options { log_mix: LogMix::of(&mix), ..plain(400) };
    let (tenant, _) = tenant(options).await;
    let client = Client::new(&tenant).await;
    let count = |code: &str| tenant.state().logs().filter(|log| log.kind == code).count();
    assert_eq!(mix.map(|(code, _)| count(code)).iter().sum::<usize>(), 400);
    assert!(count("s") > count("fsa") && count("fu") > count("brand_new"));
    let query = [("q", "type:fu"), ("per_page", "100")];
    let unknown = client.get(LOGS, &query).await.rows();
    assert_eq!(unknown.len(), 100);
    for row in unknown {
        assert!(row["user_id"].as_str().is_none_or(str::is_empty), "an unknown user has no id");
        assert!(row["user_name"].as_str().unwrap().starts_with("nobody."));
    }
}
