use crate::client::{Client, ask_token, credentials, send, tenant};
use auth0_tenant::{Announcement, Options, Tenant};
use serde_json::{Value, json};
use std::time::Duration;

const USERS: &str = "/api/v2/users";

fn small() -> Options {
    Options { users: 1, logs: 0, ..Options::default() }
}

async fn refusal(tenant: &Tenant, field: &str, value: &str) -> (u16, Value) {
    let mut body = credentials(tenant);
    body[field] = value.into();
    let reply = ask_token(tenant, &body).await.unwrap();
    (reply.status, reply.json())
}

#[tokio::test]
async fn a_token_is_issued_for_json_and_for_a_form() {
    let (tenant, _) = tenant(small()).await;
    let json = ask_token(&tenant, &credentials(&tenant)).await.unwrap().json();
    assert_eq!(json["expires_in"], 86_400);
    assert_eq!(json["token_type"], "Bearer");
    assert_eq!(json["scope"], "read:users read:logs read:stats");
    assert_eq!(json["access_token"].as_str().unwrap().split('.').count(), 3);
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(
            credentials(&tenant)
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, value)| (name, value.as_str().unwrap())),
        )
        .finish();
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let reply = send(&tenant, "POST", "/oauth/token", &headers, &form).await.unwrap();
    assert_eq!(reply.status, 200);
    assert_ne!(reply.json()["access_token"], json["access_token"]);
}

#[tokio::test]
async fn each_error_of_a_configuration_has_its_own_answer() {
    let (tenant, _) = tenant(small()).await;
    assert_eq!(
        refusal(&tenant, "client_secret", "wrong").await,
        (401, json!({"error": "access_denied", "error_description": "Unauthorized"}))
    );
    let other = "https://login.example.com/api/v2/";
    assert_eq!(
        refusal(&tenant, "audience", other).await,
        (
            403,
            json!({"error": "access_denied", "error_description": format!("Service not enabled within domain: {other}")})
        )
    );
    let without_slash = format!("https://{}/api/v2", tenant.domain());
    assert_eq!(refusal(&tenant, "audience", &without_slash).await.0, 403);
    assert_eq!(refusal(&tenant, "grant_type", "password").await.1["error"], "unauthorized_client");
    tenant.state().set_client_grant(false);
    let (status, body) = refusal(&tenant, "grant_type", "client_credentials").await;
    assert_eq!(status, 403);
    assert!(
        body["error_description"]
            .as_str()
            .unwrap()
            .contains("You need to create a \"client-grant\"")
    );
}

#[tokio::test]
async fn a_rotated_secret_refuses_the_old_one_and_keeps_the_tokens() {
    let (tenant, _) = tenant(small()).await;
    let client = Client::new(&tenant).await;
    let old = credentials(&tenant);
    tenant.state().rotate_secret("another");
    assert_eq!(ask_token(&tenant, &old).await.unwrap().status, 401);
    assert_eq!(client.get(USERS, &[]).await.status, 200);
    assert_eq!(tenant.client_secret(), "another");
}

#[tokio::test]
async fn a_bearer_token_is_checked_for_form_expiry_and_scopes() {
    let (tenant, clock) = tenant(small()).await;
    let with = async |headers: &[(&str, &str)]| {
        let reply = send(&tenant, "GET", USERS, headers, "").await.unwrap();
        (reply.status, reply.json()["message"].as_str().unwrap().to_owned())
    };
    assert_eq!(with(&[]).await, (401, "Missing authentication".to_owned()));
    assert_eq!(
        with(&[("authorization", "Bearer opaque")]).await,
        (400, "Bad HTTP authentication header format".to_owned())
    );
    assert_eq!(with(&[("authorization", "Bearer a.b.c")]).await, (401, "Invalid token".to_owned()));

    let client = Client::new(&tenant).await;
    clock.advance(Duration::from_hours(24));
    let expired = client.get(USERS, &[]).await;
    assert_eq!(expired.status, 401);
    assert_eq!(
        expired.json()["attributes"]["error"],
        "Expired token received for JSON Web Token validation"
    );

    let client = Client::new(&tenant).await;
    tenant.state().revoke_tokens();
    assert_eq!(client.get(USERS, &[]).await.status, 401);

    tenant.state().set_scopes(&["read:logs", "read:stats"]);
    let client = Client::new(&tenant).await;
    let forbidden = client.get(USERS, &[]).await;
    assert_eq!(
        forbidden.json(),
        json!({
            "statusCode": 403,
            "error": "Forbidden",
            "message": "Insufficient scope, expected any of: read:users,read:user_idp_tokens",
            "errorCode": "insufficient_scope",
        })
    );
    assert_eq!(client.get("/api/v2/logs", &[]).await.status, 200);
    tenant.state().expire_tokens();
    assert_eq!(client.get("/api/v2/logs", &[]).await.status, 401);
}

#[tokio::test]
async fn another_host_and_another_path_are_not_found() {
    let (tenant, _) = tenant(small()).await;
    let host = [("host", "127.0.0.1")];
    assert_eq!(send(&tenant, "GET", USERS, &host, "").await.unwrap().status, 404);
    let client = Client::new(&tenant).await;
    let reply = client.get("/api/v2/clients", &[]).await;
    assert_eq!((reply.status, &reply.json()["statusCode"]), (404, &json!(404)));
}

#[tokio::test]
async fn requests_are_recorded_without_secrets() {
    let (tenant, _) = tenant(small()).await;
    let client = Client::new(&tenant).await;
    client.get(USERS, &[("q", "blocked:true"), ("search_engine", "v3")]).await;
    let requests = tenant.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests[0].has_body && !requests[1].has_body);
    assert_eq!(requests[1].number, 2);
    assert_eq!(requests[1].connection, 2);
    assert_eq!(requests[1].status, Some(200));
    assert_eq!(requests[1].host, tenant.domain());
    assert_eq!(requests[1].parameter("q"), Some("blocked:true"));
    let seen = format!("{requests:?} {:?}", tenant.announcement());
    assert!(!seen.contains(&tenant.client_secret()) && !seen.contains("eyJ"));
}

#[tokio::test]
async fn each_token_writes_a_log_row_where_the_options_say_so() {
    let options = Options { log_tokens: true, ..small() };
    let (tenant, _) = tenant(options).await;
    let client = Client::new(&tenant).await;
    let rows = client.get("/api/v2/logs", &[]).await.rows();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["type"], "seccft");
}

#[tokio::test]
async fn the_announcement_survives_its_line_of_json() {
    let (tenant, _) = tenant(small()).await;
    let line = serde_json::to_string(&tenant.announcement()).unwrap();
    let read: Announcement = serde_json::from_str(&line).unwrap();
    assert!(read == tenant.announcement());
    assert_eq!(read.domain, "acme-1.eu.auth0.com");
}
