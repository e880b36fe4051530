use crate::client::{Client, NOW, Reply, ask_token, credentials, tenant};
use auth0_tenant::{Clock, Endpoint, Fault, Options, Rule, Tenant};

const USERS: &str = "/api/v2/users";
const LOGS: &str = "/api/v2/logs";
const STATS: &str = "/api/v2/stats/daily";
const DAY: i64 = 24 * 3_600;

async fn small() -> (Tenant, Clock) {
    tenant(Options { users: 3, logs: 40, ..Options::default() }).await
}

/// The status of each endpoint in turn, the token endpoint first.
async fn statuses(tenant: &Tenant, client: &Client<'_>) -> [u16; 5] {
    let id = tenant.state().users().next().unwrap().id().replace('|', "%7C");
    let token = ask_token(tenant, &credentials(tenant)).await.unwrap().status;
    let mut statuses = [token; 5];
    let paths = [USERS, &format!("{USERS}/{id}"), LOGS, STATS];
    for (status, path) in statuses[1..].iter_mut().zip(paths) {
        *status = client.get(path, &[]).await.status;
    }
    statuses
}

#[tokio::test]
async fn an_outage_of_one_endpoint_lasts_until_it_is_switched_off_and_spares_the_others() {
    let endpoints =
        [Endpoint::Token, Endpoint::Users, Endpoint::User, Endpoint::Logs, Endpoint::Stats];
    let (tenant, _) = small().await;
    let client = Client::new(&tenant).await;
    for (place, endpoint) in endpoints.into_iter().enumerate() {
        let outage = tenant.state().switch_on(Rule::on(endpoint, Fault::Status(500)).always());
        let mut expected = [200; 5];
        expected[place] = 500;
        for _ in 0..3 {
            assert_eq!(statuses(&tenant, &client).await, expected);
        }
        tenant.state().switch_off(outage);
        assert_eq!(statuses(&tenant, &client).await, [200; 5]);
    }
}

#[tokio::test]
async fn an_outage_has_the_shape_of_its_endpoint() {
    let (tenant, _) = small().await;
    let client = Client::new(&tenant).await;
    tenant.state().fault(Rule::any(Fault::Status(503)).always());
    let body = client.get(STATS, &[]).await.json();
    assert_eq!((&body["statusCode"], &body["error"]), (&503.into(), &"Service Unavailable".into()));
    let body = ask_token(&tenant, &credentials(&tenant)).await.unwrap().json();
    assert_eq!(body["error_description"], "Service Unavailable");
}

#[tokio::test]
async fn only_searches_with_an_existence_query_time_out() {
    let (tenant, _) = small().await;
    let client = Client::new(&tenant).await;
    let rule = Rule::on(Endpoint::Users, Fault::slow_search()).with_parameter("q", "_exists_");
    tenant.state().switch_on(rule.always());
    let search = async |q: &str| client.get(USERS, &[("q", q), ("search_engine", "v3")]).await;
    for _ in 0..2 {
        assert_eq!(search("created_at:[* TO *]").await.status, 200);
        let slow = search("NOT _exists_:created_at").await;
        assert_eq!((slow.status, &slow.json()["errorCode"]), (503, &"query_timeout".into()));
        assert_eq!(client.get(USERS, &[]).await.status, 200);
    }
}

#[tokio::test]
async fn a_rule_with_a_parameter_counts_only_requests_that_have_it() {
    let (tenant, _) = small().await;
    let client = Client::new(&tenant).await;
    let search = async |page: &str| client.get(USERS, &[("page", page)]).await.status;
    search("1").await;
    let rule = Rule::on(Endpoint::Users, Fault::Status(500)).with_parameter("page", "1");
    tenant.state().fault(rule.nth(3));
    let mut statuses = Vec::new();
    for page in ["0", "1", "0", "1", "1"] {
        statuses.push(search(page).await);
    }
    assert_eq!(statuses, [200, 200, 200, 500, 200]);
}

#[tokio::test]
async fn the_network_edge_blocks_one_answer_or_one_in_several_or_all() {
    for (rule, expected) in [
        (Rule::on(Endpoint::Logs, Fault::edge_challenge()).nth(2), [200, 403, 200, 200, 200, 200]),
        (
            Rule::on(Endpoint::Logs, Fault::edge_challenge()).one_in(3),
            [200, 200, 403, 200, 200, 403],
        ),
        (Rule::on(Endpoint::Logs, Fault::edge_challenge()).always(), [403; 6]),
    ] {
        let (tenant, _) = small().await;
        let client = Client::new(&tenant).await;
        tenant.state().fault(rule);
        let mut statuses = Vec::new();
        for _ in 0..6 {
            let reply = client.get(LOGS, &[]).await;
            statuses.push(reply.status);
            if reply.status == 403 {
                assert_eq!(reply.header("content-type"), Some("text/html; charset=UTF-8"));
                assert!(reply.text().starts_with("<!DOCTYPE html>"));
                assert!(reply.text().contains("Just a moment..."));
                assert_eq!(reply.header("x-ratelimit-limit"), None);
            }
        }
        assert_eq!(statuses, expected);
    }
}

#[tokio::test]
async fn retry_after_can_be_a_date() {
    let (tenant, _) = small().await;
    let client = Client::new(&tenant).await;
    let fault = |seconds| Rule::on(Endpoint::Logs, Fault::RetryAfterDate { seconds });
    tenant.state().fault(fault(5));
    tenant.state().fault(fault(-60).nth(2));
    let retry_after = async || {
        let reply = client.get(LOGS, &[]).await;
        assert_eq!(reply.status, 429);
        reply.header("retry-after").unwrap().to_owned()
    };
    assert_eq!(retry_after().await, "Thu, 20 Aug 2026 12:35:01 GMT");
    assert_eq!(retry_after().await, "Thu, 20 Aug 2026 12:33:56 GMT");
    assert_eq!(client.get(LOGS, &[]).await.status, 200);
}

#[tokio::test]
async fn a_rate_limit_reset_can_be_days_ahead_or_in_the_past() {
    let (tenant, _) = small().await;
    let client = Client::new(&tenant).await;
    for seconds in [3 * DAY, -DAY] {
        let limited = Fault::TooManyRequests { retry_after: None, reset_in: Some(seconds) };
        for (fault, status) in [(limited, 429), (Fault::RateLimitReset { seconds }, 200)] {
            let rule = tenant.state().switch_on(Rule::any(fault).always());
            let reply = client.get(LOGS, &[]).await;
            assert_eq!(reply.status, status);
            assert_eq!(reply.number("x-ratelimit-remaining"), 0);
            assert_eq!(reply.number("x-ratelimit-reset"), NOW / 1_000 + seconds);
            tenant.state().switch_off(rule);
        }
    }
}

/// What the token endpoint and the users answer with the same fault.
async fn both(fault: Fault) -> [Reply; 2] {
    let (tenant, _) = small().await;
    let client = Client::new(&tenant).await;
    tenant.state().switch_on(Rule::any(fault).always());
    [ask_token(&tenant, &credentials(&tenant)).await.unwrap(), client.get(USERS, &[]).await]
}

#[tokio::test]
async fn another_server_can_answer_with_a_redirect_or_a_page() {
    let target = "https://login.example.com/";
    for reply in both(Fault::redirect(target)).await {
        assert_eq!((reply.status, reply.header("location")), (302, Some(target)));
    }
    for status in [200, 404] {
        for reply in both(Fault::html_page(status)).await {
            assert_eq!(reply.status, status);
            assert_eq!(reply.header("content-type"), Some("text/html; charset=UTF-8"));
            assert!(reply.text().starts_with("<!DOCTYPE html>"));
        }
    }
}

#[tokio::test]
async fn the_token_endpoint_can_refuse_for_an_unknown_reason() {
    let (tenant, _) = small().await;
    let fault = Fault::token_refused("mfa_required", "The policy of the tenant forbids it");
    tenant.state().fault(Rule::on(Endpoint::Token, fault));
    let reply = ask_token(&tenant, &credentials(&tenant)).await.unwrap();
    assert_eq!(reply.status, 403);
    assert_eq!(
        reply.text(),
        r#"{"error":"mfa_required","error_description":"The policy of the tenant forbids it"}"#
    );
}
