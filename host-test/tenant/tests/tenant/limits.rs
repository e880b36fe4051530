use crate::client::{Client, NOW, ask_token, credentials, tenant};
use auth0_tenant::{Options, Plan};
use std::time::Duration;

fn on(plan: Plan) -> Options {
    Options { plan, users: 1, logs: 0, ..Options::default() }
}

#[tokio::test]
async fn the_rate_limit_headers_are_right_and_a_request_after_the_reset_succeeds() {
    let (tenant, clock) = tenant(on(Plan::Free)).await;
    let client = Client::new(&tenant).await;
    let get = async || client.get("/api/v2/users", &[]).await;
    let first = get().await;
    assert_eq!(first.status, 200);
    assert_eq!(first.number("x-ratelimit-limit"), 2);
    assert_eq!(first.number("x-ratelimit-remaining"), 1);
    // One more is available at 12:34:57.289, rounded up to whole seconds.
    assert_eq!(first.number("x-ratelimit-reset"), NOW / 1_000 + 2);
    assert_eq!(first.header("date"), Some("Thu, 20 Aug 2026 12:34:56 GMT"));
    assert_eq!(get().await.number("x-ratelimit-remaining"), 0);
    let refused = get().await;
    assert_eq!(refused.status, 429);
    assert_eq!(
        refused.text(),
        r#"{"error":"Too Many Requests","errorCode":"too_many_requests","message":"Global limit has been reached","statusCode":429}"#
    );
    assert_eq!(refused.header("retry-after"), None);
    clock.set(refused.number("x-ratelimit-reset") * 1_000);
    assert_eq!(get().await.status, 200);
}

#[tokio::test]
async fn retry_after_is_sent_where_the_options_say_so() {
    let options = Options { retry_after: true, ..on(Plan::Professional) };
    let (tenant, clock) = tenant(options).await;
    let client = Client::new(&tenant).await;
    for _ in 0..10 {
        assert_eq!(client.get("/api/v2/logs", &[]).await.status, 200);
    }
    let refused = client.get("/api/v2/logs", &[]).await;
    assert_eq!(refused.status, 429);
    assert_eq!(client.get("/api/v2/users", &[]).await.status, 200);
    let wait = refused.number("retry-after").unsigned_abs();
    clock.advance(Duration::from_secs(wait));
    assert_eq!(client.get("/api/v2/logs", &[]).await.status, 200);
}

#[tokio::test]
async fn the_token_endpoint_has_its_own_limit_and_shape() {
    let (tenant, _) = tenant(on(Plan::Professional)).await;
    for _ in 0..25 {
        let reply = ask_token(&tenant, &credentials(&tenant)).await.unwrap();
        assert_eq!(reply.status, 200);
    }
    let refused = ask_token(&tenant, &credentials(&tenant)).await.unwrap();
    assert_eq!(refused.status, 429);
    assert_eq!(refused.json()["error"], "too_many_requests");
    assert!(refused.json().get("statusCode").is_none());
}

#[test]
fn every_plan_is_known_by_its_name() {
    for plan in Plan::ALL {
        assert_eq!(plan.name().parse(), Ok(plan));
    }
    let unknown = "gold".parse::<Plan>().unwrap_err().to_string();
    assert!(unknown.contains("`gold`") && unknown.contains("enterprise-non-production"));
}
