use crate::client::{Client, NOW, Reply, connect, tenant};
use auth0_tenant::{Answer, Clock, Endpoint, Fault, Options, Rule, Tenant};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;

const LOGS: &str = "/api/v2/logs";

async fn small() -> (Tenant, Clock) {
    tenant(Options { users: 1, logs: 40, ..Options::default() }).await
}

/// The answer with the fault. The next answer has none.
async fn faulty(fault: Fault) -> io::Result<Reply> {
    let (tenant, _) = small().await;
    let client = Client::new(&tenant).await;
    tenant.state().fault(Rule::on(Endpoint::Logs, fault));
    let reply = client.try_get(LOGS, &[("from", "9")]).await;
    let after = client.get(LOGS, &[("from", "9")]).await;
    assert_eq!(after.rows().len(), 40);
    reply
}

async fn kind(fault: Fault) -> io::ErrorKind {
    faulty(fault).await.unwrap_err().kind()
}

async fn reply(fault: Fault) -> Reply {
    faulty(fault).await.unwrap()
}

#[tokio::test]
async fn a_reset_happens_before_the_headers_or_in_the_body() {
    let reset = io::ErrorKind::ConnectionReset;
    assert_eq!(kind(Fault::ResetBeforeHeaders).await, reset);
    for after in [0, 1, 100, usize::MAX] {
        assert_eq!(kind(Fault::ResetInBody { after }).await, reset);
    }
}

#[tokio::test]
async fn a_body_is_reset_after_the_chosen_number_of_bytes() {
    let (tenant, _) = small().await;
    let client = Client::new(&tenant).await;
    client.get(LOGS, &[]).await;
    let fault = Fault::ResetInBody { after: 20 };
    tenant.state().fault(Rule::any(fault).nth(3));
    let mut stream = open(&tenant, LOGS).await;
    let mut raw = Vec::new();
    let error = stream.read_to_end(&mut raw).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    let text = String::from_utf8(raw).unwrap();
    let (_, body) = text.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, r#"{"error":"Unauthoriz"#);
}

async fn open(tenant: &Tenant, target: &str) -> tokio::net::TcpStream {
    let mut stream = connect(tenant).await.unwrap();
    let head =
        format!("GET {target} HTTP/1.1\r\nconnection: close\r\nhost: {}\r\n\r\n", tenant.domain());
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn a_silent_or_stalled_answer_calls_back_and_ends_with_the_tenant() {
    for (fault, bytes) in [(Fault::NoHeaders, 0), (Fault::Stall { after: 10 }, 10)] {
        let (tenant, _) = small().await;
        let stalled = Arc::new((Notify::new(), AtomicUsize::new(0)));
        let seen = stalled.clone();
        tenant.on_stall(move || {
            seen.1.fetch_add(1, Ordering::SeqCst);
            seen.0.notify_one();
        });
        tenant.state().fault(Rule::any(fault));
        let mut stream = open(&tenant, LOGS).await;
        stalled.0.notified().await;
        // A client that leaves does not end the others' requests.
        drop(open(&tenant, LOGS).await);
        drop(tenant);
        let mut raw = Vec::new();
        stream.read_to_end(&mut raw).await.unwrap();
        let text = String::from_utf8(raw).unwrap();
        let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        assert_eq!(body.len(), bytes, "{text}");
        assert_eq!(stalled.1.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn a_body_sent_byte_by_byte_is_complete_in_the_end() {
    assert_eq!(reply(Fault::ByteByByte).await.rows().len(), 40);
}

#[tokio::test]
async fn each_error_answer_matches_the_recorded_one() {
    for (fault, status, says) in [
        (Fault::request_timeout(), 408, "Request Time-out"),
        (Fault::internal_error(), 500, "An internal server error"),
        (Fault::global_limit(), 500, "Global limit has been reached"),
        (Fault::token_quota(60), 429, "Client quota exceeded"),
        (Fault::bad_gateway(), 502, "<!DOCTYPE html>"),
        (Fault::slow_search(), 503, "The query exceeded the timeout."),
        (Fault::origin_timeout(), 524, "A timeout occurred"),
        (Fault::token_revoked(), 401, "Invalid signature received"),
        (Fault::token_expired(), 401, "Expired token received"),
        (Fault::malformed_bearer(), 400, "Bad HTTP authentication header format"),
        (Fault::insufficient_scope(Endpoint::Stats), 403, "expected any of: read:stats"),
        (Fault::Answer(Answer::json(418, "{}").with("x-odd", "1")), 418, "{}"),
    ] {
        let reply = reply(fault).await;
        assert_eq!(reply.status, status);
        assert!(reply.text().contains(says), "{}", reply.text());
        assert_eq!(reply.header("date"), Some("Thu, 20 Aug 2026 12:34:56 GMT"));
    }
}

#[tokio::test]
async fn a_429_says_when_to_retry_in_each_possible_way() {
    let of = async |retry_after, reset_in| {
        let reply = reply(Fault::TooManyRequests { retry_after, reset_in }).await;
        assert_eq!(reply.status, 429);
        let header = |name| reply.header(name).map(str::to_owned);
        (header("retry-after"), header("x-ratelimit-reset"))
    };
    let reset = |seconds: i64| Some((NOW / 1_000 + seconds).to_string());
    assert_eq!(of(Some(7), None).await, (Some("7".to_owned()), None));
    assert_eq!(of(None, Some(3)).await, (None, reset(3)));
    assert_eq!(of(None, Some(86_400)).await, (None, reset(86_400)));
    assert_eq!(of(None, None).await, (None, None));
}

#[tokio::test]
async fn each_broken_body_is_broken_in_its_own_way() {
    let text = async |fault| reply(fault).await.text();
    let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text);
    assert!(parsed(&text(Fault::MalformedJson).await).is_err());
    assert!(parsed(&text(Fault::TruncatedJson).await).unwrap_err().is_eof());
    assert!(parsed(&text(Fault::AnotherShape).await).unwrap().is_object());
    assert_eq!(text(Fault::EmptyBody).await, "");
    let invalid = reply(Fault::InvalidUtf8).await;
    assert!(std::str::from_utf8(&invalid.body).is_err());
    let deep = text(Fault::DeepJson { depth: 100_000 }).await;
    assert!(deep.len() == 200_000 && deep.starts_with("[[[["));
    let packed = reply(Fault::Gzip).await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert_eq!(packed.body[..2], [0x1f, 0x8b]);
}

#[tokio::test]
async fn an_answer_can_be_huge_in_its_body_or_its_headers() {
    let padded = reply(Fault::Padded { bytes: 5_000_000 }).await;
    assert!(padded.body.len() > 5_000_000);
    assert_eq!(padded.rows().len(), 40);
    let bytes = 1024 * 1024;
    let huge = reply(Fault::HugeHeader { bytes }).await;
    assert_eq!(huge.header("x-padding").map(str::len), Some(bytes));
}

#[tokio::test]
async fn a_page_can_repeat_and_its_link_can_point_to_another_host() {
    let (tenant, _) = small().await;
    let client = Client::new(&tenant).await;
    let page = async |from: &str| client.get(LOGS, &[("from", from), ("take", "10")]).await;
    let first = page("9").await;
    let last = tenant.state().logs().nth(9).unwrap().id;
    let rule = Rule::on(Endpoint::Logs, Fault::PreviousPage);
    tenant.state().fault(rule.nth(2).times(2));
    for _ in 0..2 {
        let again = page(&last).await;
        assert_eq!(again.body, first.body);
        assert_eq!(again.header("link"), first.header("link"));
    }
    assert_ne!(page(&last).await.body, first.body);
    tenant.state().clear_faults();
    let astray = Fault::LinkToHost("evil.example.com".to_owned());
    tenant.state().fault(Rule::any(astray).always());
    for _ in 0..2 {
        let link = page("9").await.header("link").unwrap().to_owned();
        assert!(link.starts_with("<https://evil.example.com/api/v2/logs?from="));
    }
}

#[tokio::test]
async fn a_rule_counts_the_requests_of_its_endpoint_or_all() {
    let (tenant, _) = small().await;
    let client = Client::new(&tenant).await;
    {
        let mut state = tenant.state();
        state.forget_requests();
        state.fault(Rule::on(Endpoint::Logs, Fault::internal_error()).nth(2));
        state.fault(Rule::any(Fault::bad_gateway()).nth(4).times(2));
    }
    let mut statuses = Vec::new();
    for path in ["/api/v2/users", LOGS, LOGS, LOGS, LOGS, LOGS] {
        statuses.push(client.get(path, &[]).await.status);
    }
    assert_eq!(statuses, [200, 200, 500, 502, 502, 200]);
    let recorded: Vec<_> = tenant.requests().iter().map(|one| one.status).collect();
    assert_eq!(recorded, [200, 200, 500, 502, 502, 200].map(Some));
}

#[tokio::test]
async fn refused_connections_are_reset_and_the_next_one_is_served() {
    let (tenant, _) = small().await;
    let client = Client::new(&tenant).await;
    tenant.state().at_request(2, |state| state.refuse_connections(2));
    let last = client.get(LOGS, &[]).await;
    assert_eq!(last.header("connection"), Some("close"));
    for _ in 0..2 {
        assert!(client.try_get(LOGS, &[]).await.is_err());
    }
    assert_eq!(client.get(LOGS, &[]).await.status, 200);
    assert_eq!(tenant.requests().len(), 3);
}

#[tokio::test]
async fn a_tenant_that_does_not_listen_refuses_until_it_listens_again() {
    let (tenant, _) = small().await;
    let client = Client::new(&tenant).await;
    tenant.stop_listening().await.unwrap();
    let refused = client.try_get(LOGS, &[]).await.unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    let address = tenant.url().replace("http://", "");
    let taken = std::net::TcpListener::bind(address).unwrap_err();
    assert_eq!(taken.kind(), io::ErrorKind::AddrInUse, "another may listen there");
    tenant.listen_again().await.unwrap();
    assert_eq!(client.get(LOGS, &[]).await.status, 200);
}

#[tokio::test]
async fn both_framings_and_persistent_connections_are_used() {
    let (tenant, _) = small().await;
    let client = Client::new(&tenant).await;
    let (one, other) = (client.get(LOGS, &[]).await, client.get(LOGS, &[]).await);
    let framings = [&one, &other].map(|reply| reply.header("transfer-encoding"));
    assert!(framings.contains(&Some("chunked")) && framings.contains(&None));
    assert_eq!(one.body, other.body);

    let mut stream = connect(&tenant).await.unwrap();
    let head = format!("GET /nowhere HTTP/1.1\r\nhost: {}\r\n\r\n", tenant.domain());
    for _ in 0..2 {
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut some = [0; 12];
        stream.read_exact(&mut some).await.unwrap();
        assert_eq!(&some, b"HTTP/1.1 404");
        let mut rest = Vec::new();
        while !rest.ends_with(b"}") {
            rest.push(stream.read_u8().await.unwrap());
        }
    }
    let connections: Vec<_> = tenant.requests().iter().map(|one| one.connection).collect();
    assert_eq!(connections, [1, 2, 3, 4, 4]);
}
