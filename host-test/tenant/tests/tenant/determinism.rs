use crate::client::{Client, NOW, tenant};
use auth0_tenant::{Clock, Options, Tenant};

/// Bytes of every kind of data, including lists without an order.
async fn walk(seed: u64) -> Vec<Vec<u8>> {
    let options = Options { seed, ..Options::default() };
    let (tenant, _) = tenant(options).await;
    let client = Client::new(&tenant).await;
    let mut bodies = vec![format!("{:?}", tenant.state().users().collect::<Vec<_>>()).into_bytes()];
    for (path, query) in [
        ("/api/v2/users", vec![("per_page", "100"), ("page", "2")]),
        ("/api/v2/users", vec![("sort", "created_at:1")]),
        ("/api/v2/logs", vec![("from", "9"), ("take", "100")]),
        ("/api/v2/logs", vec![]),
        ("/api/v2/stats/daily", vec![]),
    ] {
        bodies.push(client.get(path, &query).await.body);
    }
    bodies
}

#[tokio::test]
async fn the_same_seed_makes_the_same_bytes_and_another_seed_does_not() {
    let (one, again, other) = (walk(1).await, walk(1).await, walk(2).await);
    assert!(one == again);
    for (one, other) in one.iter().zip(&other) {
        assert!(one != other);
    }
}

#[tokio::test]
async fn the_counts_are_exactly_the_requested_ones() {
    for (users, logs, days) in [(0, 0, 1), (1, 1, 1), (101, 777, 2), (250, 5_000, 60)] {
        let options = Options { users, logs, days, ..Options::default() };
        let tenant = Tenant::start(options, Clock::fixed(NOW)).await.unwrap();
        let state = tenant.state();
        assert_eq!(state.users().count(), users as usize);
        assert_eq!(state.logs().count(), logs as usize);
        let since = NOW - i64::from(days) * 24 * 3_600_000;
        assert!(state.logs().all(|log| log.date >= since && log.ingested < NOW));
        let mut ids: Vec<_> = state.users().map(|user| user.id().to_owned()).collect();
        ids.dedup();
        assert_eq!(ids.len(), users as usize);
    }
}
