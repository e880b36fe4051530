use crate::client::{Client, tenant};
use auth0_tenant::{Hidden, Options};

const USERS: &str = "/api/v2/users";

fn plain(users: u32) -> Options {
    Options { users, logs: 0, odd: false, ..Options::default() }
}

/// The `total` of a page of ten, and how many rows it has.
async fn envelope(client: &Client<'_>, page: &str) -> (u64, usize) {
    let query = [
        ("q", "created_at:[* TO *]"),
        ("search_engine", "v3"),
        ("sort", "created_at:1"),
        ("per_page", "10"),
        ("page", page),
        ("include_totals", "true"),
    ];
    let reply = client.get(USERS, &query).await.json();
    let rows = reply["users"].as_array().unwrap().len();
    assert_eq!(reply["length"], rows);
    (reply["total"].as_u64().unwrap(), rows)
}

#[tokio::test]
async fn a_collapsed_index_loses_users_who_still_exist_until_they_are_removed() {
    let (tenant, _) = tenant(plain(40)).await;
    let client = Client::new(&tenant).await;
    let lost = tenant.state().collapse_index(5);
    assert_eq!(lost.len(), 35);
    assert_eq!(envelope(&client, "0").await, (5, 5));
    let status = async |id: &str| {
        client.get(&format!("{USERS}/{}", id.replace('|', "%7C")), &[]).await.status
    };
    for id in &lost {
        assert_eq!(status(id).await, 200);
    }
    tenant.state().show_all_users();
    assert_eq!(envelope(&client, "0").await, (40, 10));
    for id in &lost {
        tenant.state().remove_user(id);
        assert_eq!(status(id).await, 404);
    }
    assert_eq!(envelope(&client, "0").await, (5, 5));
}

#[tokio::test]
async fn a_total_can_count_users_whom_no_page_contains() {
    let (tenant, _) = tenant(plain(16)).await;
    let client = Client::new(&tenant).await;
    let query = [("sort", "created_at:1"), ("per_page", "3"), ("fields", "user_id")];
    let rows = client.get(USERS, &query).await.rows();
    let ids = rows.iter().map(|row| row["user_id"].as_str().unwrap());
    tenant.state().hide_users(ids.clone(), Hidden::Counted);
    assert_eq!(envelope(&client, "0").await, (16, 10));
    assert_eq!(envelope(&client, "1").await, (16, 3));
    tenant.state().hide_users(ids, Hidden::Dropped);
    assert_eq!(envelope(&client, "0").await, (16, 7));
    assert_eq!(envelope(&client, "1").await, (16, 6));
}
