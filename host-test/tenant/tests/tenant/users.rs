use crate::client::{Client, NOW, Reply, tenant};
use auth0_tenant::{Options, SlowSearch, User};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

const USERS: &str = "/api/v2/users";

fn plain(users: u32) -> Options {
    Options { users, logs: 0, odd: false, ..Options::default() }
}

fn ids(reply: &Reply) -> Vec<String> {
    let rows = reply.rows();
    rows.iter().map(|row| row["user_id"].as_str().unwrap().to_owned()).collect()
}

fn new_user(id: &str) -> User {
    User::from_json(
        json!({"user_id": id, "created_at": "2026-08-20T12:00:00.000Z", "updated_at": "2026-08-20T12:00:00.000Z"})
            .to_string(),
    )
}

#[tokio::test]
async fn a_page_beyond_a_thousand_is_refused_however_few_users_there_are() {
    let (tenant, _) = tenant(plain(30)).await;
    let client = Client::new(&tenant).await;
    let page = async |page: &str, per_page: &str| {
        client.get(USERS, &[("page", page), ("per_page", per_page)]).await
    };
    assert_eq!(page("9", "100").await.rows(), Vec::<Value>::new());
    assert_eq!(page("33", "30").await.status, 200);
    for (number, size) in [("10", "100"), ("20", "50"), ("1000", "1"), ("34", "30")] {
        let refused = page(number, size).await;
        assert_eq!(refused.status, 400);
        assert_eq!(
            refused.json(),
            json!({
                "statusCode": 400,
                "error": "Bad Request",
                "message": "You can only page through the first 1000 records. See https://auth0.com/docs/users/search/v3/view-search-results-by-page#limitation",
                "errorCode": "invalid_paging",
            })
        );
    }
}

#[tokio::test]
async fn an_instant_shared_by_more_than_a_thousand_cannot_be_read_by_paging() {
    let options = Options { ties: 1_200, ..plain(1_300) };
    let (tenant, _) = tenant(options).await;
    let tied = tenant
        .state()
        .users()
        .find(|user| tenant_tie(user.created_at().unwrap()))
        .and_then(|user| user.get("created_at"))
        .unwrap();
    let tied = tied.as_str().unwrap();
    let client = Client::new(&tenant).await;
    let query = format!("created_at:[{tied} TO {tied}]");
    let mut seen = BTreeSet::new();
    for page in 0..10 {
        let reply = client
            .get(
                USERS,
                &[
                    ("q", &query),
                    ("search_engine", "v3"),
                    ("sort", "created_at:1"),
                    ("per_page", "100"),
                    ("page", &page.to_string()),
                    ("include_totals", "true"),
                ],
            )
            .await
            .json();
        assert_eq!(reply["total"], 1_000);
        assert_eq!(reply["start"], page * 100);
        assert_eq!(reply["length"], 100);
        seen.extend(
            reply["users"].as_array().unwrap().iter().map(|user| user["user_id"].to_string()),
        );
    }
    assert_eq!(seen.len(), 1_000);
}

/// Whether this is the instant that `ties` users share.
fn tenant_tie(created_at: i64) -> bool {
    let span = 4 * 365 * 24 * 3_600_000_i64;
    created_at == NOW - span / 3
}

#[tokio::test]
async fn a_walk_by_created_at_finds_every_user_who_has_one() {
    let options = Options { odd: true, ..plain(700) };
    let (tenant, _) = tenant(options).await;
    let client = Client::new(&tenant).await;
    let mut found = 0;
    for query in ["created_at:[* TO *]", "NOT _exists_:created_at"] {
        for page in 0..10 {
            let rows = client
                .get(
                    USERS,
                    &[
                        ("q", query),
                        ("search_engine", "v3"),
                        ("sort", "created_at:1"),
                        ("per_page", "100"),
                        ("page", &page.to_string()),
                    ],
                )
                .await;
            found += serde_json::from_slice::<Vec<Box<serde_json::value::RawValue>>>(&rows.body)
                .unwrap()
                .len();
        }
    }
    assert_eq!(found, 700);
    assert_eq!(tenant.state().users().count(), 700);
}

#[tokio::test]
async fn the_search_shows_a_write_only_after_the_lag_but_the_user_itself_at_once() {
    let options = Options { index_lag: Duration::from_secs(5), ..plain(3) };
    let (tenant, clock) = tenant(options).await;
    let client = Client::new(&tenant).await;
    let all = async || ids(&client.get(USERS, &[("sort", "created_at:1")]).await);
    let before = all().await;
    {
        let mut state = tenant.state();
        state.put_user(new_user("auth0|new"));
        assert!(state.remove_user(&before[0]));
    }
    assert_eq!(all().await, before);
    let path = |id: &str| format!("{USERS}/{}", id.replace('|', "%7C"));
    assert_eq!(client.get(&path("auth0|new"), &[]).await.status, 200);
    let gone = client.get(&path(&before[0]), &[]).await;
    assert_eq!(gone.status, 404);
    assert_eq!(gone.json()["errorCode"], "inexistent_user");
    clock.advance(Duration::from_millis(4_999));
    assert_eq!(all().await, before);
    clock.advance(Duration::from_millis(1));
    let after = all().await;
    assert!(after.contains(&"auth0|new".to_owned()));
    assert!(!after.contains(&before[0]));
}

#[tokio::test]
async fn a_user_that_changes_between_two_pages_moves_in_the_order_of_updates() {
    let (tenant, _) = tenant(plain(20)).await;
    let client = Client::new(&tenant).await;
    let page = async |page: &str| {
        let query = [("sort", "updated_at:1"), ("per_page", "10"), ("page", page)];
        ids(&client.get(USERS, &query).await)
    };
    let first = page("0").await;
    let moved = first[0].clone();
    let number = tenant.requests().len() as u64 + 1;
    let id = moved.clone();
    tenant.state().at_request(number, move |state| state.update_user(&id, |_| {}));
    let second = page("1").await;
    assert_eq!(second.last(), Some(&moved));
    let met: BTreeSet<_> = first.iter().chain(&second).collect();
    assert_eq!(met.len(), 19);
}

#[tokio::test]
async fn without_a_sort_two_requests_may_differ_and_with_one_they_do_not() {
    let (tenant, _) = tenant(plain(200)).await;
    let client = Client::new(&tenant).await;
    let page = async |query: &[(&str, &str)]| ids(&client.get(USERS, query).await);
    let tail = [("page", "1"), ("per_page", "100")];
    assert_ne!(page(&tail).await, page(&tail).await);
    let sorted = [("page", "1"), ("per_page", "100"), ("sort", "email:1")];
    assert_eq!(page(&sorted).await, page(&sorted).await);
}

#[tokio::test]
async fn users_of_one_instant_change_places_when_ties_are_unstable() {
    let options = Options { ties: 100, unstable_ties: true, ..plain(100) };
    let (tenant, _) = tenant(options).await;
    let client = Client::new(&tenant).await;
    let page =
        async || ids(&client.get(USERS, &[("sort", "created_at:1"), ("per_page", "100")]).await);
    let (mut one, mut other) = (page().await, page().await);
    assert_ne!(one, other);
    one.sort();
    other.sort();
    assert_eq!(one, other);
}

#[tokio::test]
async fn fields_are_included_or_excluded() {
    let (tenant, _) = tenant(plain(1)).await;
    let client = Client::new(&tenant).await;
    let row = async |query: &[(&str, &str)]| client.get(USERS, query).await.rows()[0].clone();
    let only = row(&[("fields", "user_id,created_at")]).await;
    assert_eq!(only.as_object().unwrap().len(), 2);
    let without = row(&[("fields", "identities"), ("include_fields", "false")]).await;
    assert!(without.get("identities").is_none() && without.get("user_id").is_some());
}

#[tokio::test]
async fn a_page_is_clamped_without_an_error() {
    let options = Options { page_limit: 10, ..plain(30) };
    let (tenant, _) = tenant(options).await;
    let client = Client::new(&tenant).await;
    let query = [("per_page", "100"), ("include_totals", "true")];
    let page = client.get(USERS, &query).await.json();
    assert_eq!(page["limit"], 10);
    assert_eq!(page["users"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn unknown_parameters_and_values_are_a_400() {
    let (tenant, _) = tenant(plain(1)).await;
    let client = Client::new(&tenant).await;
    for (name, value) in [
        ("per_page", "1000"),
        ("per_page", "x"),
        ("page", "-1"),
        ("sort", "created_at"),
        ("from", "1"),
        ("include_totals", "yes"),
        ("search_engine", "v1"),
        ("connection", "sms"),
    ] {
        let reply = client.get(USERS, &[(name, value)]).await;
        assert_eq!(reply.status, 400, "{name}={value}");
        assert_eq!(reply.json()["errorCode"], "invalid_query_string");
    }
    let reply = client.get(USERS, &[("per_page", "1000")]).await;
    assert_eq!(
        reply.json()["message"],
        "Query validation error: 'Value 1000 is greater than maximum 100' on property per_page (Number of results per page. Defaults to 50)."
    );
    let unnamed = client.get(USERS, &[("q", "blocked:true")]).await;
    assert_eq!(unnamed.status, 400);
    let unreadable = [("q", "user_id:auth0|1"), ("search_engine", "v3")];
    assert_eq!(client.get(USERS, &unreadable).await.status, 400);
    let long = "x".repeat(9_000);
    assert_eq!(client.get(USERS, &[("q", &long)]).await.status, 414);
}

#[tokio::test]
async fn a_wide_search_is_too_slow_and_a_narrow_one_is_not() {
    let options = Options {
        slow_search: Some(SlowSearch { users: 50, span: Duration::from_hours(24 * 365 * 10) }),
        ..plain(100)
    };
    let (tenant, _) = tenant(options).await;
    let client = Client::new(&tenant).await;
    let search = async |query: &str| {
        let query = [("q", query), ("search_engine", "v3"), ("sort", "created_at:1")];
        client.get(USERS, &query).await
    };
    let slow = search("created_at:[2000 TO *]").await;
    assert_eq!(slow.status, 503);
    assert!(slow.text().contains("The query exceeded the timeout"));
    assert_eq!(search("created_at:[2026-08 TO *]").await.status, 200);
}
