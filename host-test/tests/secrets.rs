//! Where a secret must not come: into nothing that a command says or stores.
//!
//! Every test that runs a command looks for secrets in all that came of it
//! (see `support/leaks.rs`). Here is what they would not meet by themselves:
//! sources that repeat secrets, and that the search finds what it looks for.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::support::auth0::Auth0;
use crate::support::leaks;
use crate::support::server::{Server, response};
use auth0_tenant::{ACCESS_TOKEN_MARK, Options};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use http::Request;
use http::header::AUTHORIZATION;
use hyper::body::Incoming;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rawdash_host::contract::Mode;
use rawdash_host::report::Report;
use serde_json::json;

async fn auth0() -> Auth0 {
    Auth0::new(Options { users: 20, logs: 20, odd: false, ..Options::default() }).await
}

#[test]
fn a_secret_is_found_however_it_is_written() {
    let secret = leaks::secret();
    assert_eq!(leaks::found(b"SimulatedClient, but no secret"), None);
    for before in ["", "i", "id", "the id"] {
        let basic = format!("{before}:{secret}");
        let escaped = utf8_percent_encode(&basic, NON_ALPHANUMERIC).to_string();
        for text in [
            escaped,
            BASE64.encode(basic.as_bytes()),
            BASE64URL_NOPAD.encode(basic.as_bytes()),
            basic,
        ] {
            let text = format!("{{\"checkpoint\":\"{text}\"}}");
            assert!(leaks::found(text.as_bytes()).is_some(), "{text}");
        }
    }
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(leaks::found(hex.as_bytes()).is_some());
    let token = format!("Bearer eyJ{ACCESS_TOKEN_MARK}abc");
    assert_eq!(leaks::found(token.as_bytes()), Some("a access token, as it is"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_in_a_file_of_a_test_fails_the_test() {
    for name in ["rawdash.sqlite", "rawdash.sqlite-wal", "command.out"] {
        let auth0 = auth0().await;
        let file = auth0.path().with_file_name(name);
        std::fs::write(file, format!("\0\0{}\0", auth0.tenant.client_secret())).unwrap();
        assert!(catch_unwind(AssertUnwindSafe(|| drop(auth0))).is_err(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_the_tenant_gives_out_as_a_users_name_is_found_in_the_wal() {
    let mut leaking = auth0().await;
    let ids: Vec<String> = leaking.users().into_keys().collect();
    let secret = leaking.tenant.client_secret();
    leaking.tenant.state().update_user(&ids[0], |user| user.set("email", &json!(secret)));
    let sync = AssertUnwindSafe(leaking.sync());
    let ended = futures::FutureExt::catch_unwind(sync).await;
    let panic = *ended.unwrap_err().downcast::<String>().unwrap();
    assert!(panic.contains("a client secret, as it is, stands in"), "{panic}");
    assert!(panic.contains("rawdash.sqlite"), "{panic}");
    std::fs::remove_file(leaking.path()).unwrap();
}

/// A text in each spelling in which a server may repeat it; the connector cuts
/// what Auth0 says at 200 characters.
fn spelt(text: &str) -> [String; 4] {
    let percent = utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let basic = BASE64.encode(format!("client:{text}").as_bytes());
    let escaped: String = text.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    [text.to_owned(), percent, basic, escaped]
}

/// A run against a server that refuses every request but that for a token, and
/// repeats in this spelling the token, or else the client secret.
async fn repeating(spelling: usize, the_token: bool) -> (Auth0, Report) {
    let mut auth0 = auth0().await;
    let secret = auth0.tenant.client_secret();
    let answer = move |_, request: &Request<Incoming>| {
        let sent = request.headers().get(AUTHORIZATION).and_then(|sent| sent.to_str().ok());
        let Some(token) = sent.and_then(|sent| sent.strip_prefix("Bearer ")) else {
            return response(200, &[], token().to_string());
        };
        let repeated = &spelt(if the_token { token } else { &secret })[spelling];
        let body = json!({ "statusCode": 403, "message": format!("no: {repeated}") });
        response(403, &[], body.to_string())
    };
    let server = Server::start(answer).await;
    auth0.settings.routes = vec![format!("https://{{/domain}}={}", server.url).parse().unwrap()];
    let report = auth0.sync().await;
    (auth0, report)
}

fn token() -> serde_json::Value {
    let token = format!("eyJ{ACCESS_TOKEN_MARK}/+.eyJ9.s");
    json!({ "access_token": token, "token_type": "Bearer", "expires_in": 86_400 })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_a_servers_answer_repeats_is_not_told() {
    for (the_token, told) in [(false, "[SECRET"), (true, "[credential")] {
        for spelling in 0..4 {
            // The fixture searches every other output.
            let (_auth0, report) = repeating(spelling, the_token).await;
            assert_eq!(report.exit().code(), 77, "{report:#?}");
            for resource in report.resources.values() {
                let message = &resource.failure.as_ref().unwrap().message;
                assert!(message.contains(told), "{spelling}: {message}");
            }
        }
    }
}

/// What the running command may write when it crashes, as the system has it.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_writes_no_memory_that_holds_a_secret() {
    use std::process::Command;
    use std::sync::{Arc, Mutex, OnceLock};

    let auth0 = auth0().await;
    let process = Arc::new(OnceLock::<u32>::new());
    let limits = Arc::new(Mutex::new(String::new()));
    let (target, seen) = (process.clone(), limits.clone());
    auth0.tenant.state().at_request(2, move |_| {
        let file = format!("/proc/{}/limits", target.wait());
        *seen.lock().unwrap() = std::fs::read_to_string(file).unwrap();
    });
    let mut command = Command::new("sh");
    // Whoever starts it would let it write as much as it likes.
    command.args(["-c", "ulimit -S -c $(ulimit -H -c); exec \"$@\"", "sh"]);
    command.arg(env!("CARGO_BIN_EXE_rawdash-host"));
    auth0.operate(&mut command, Mode::Full);
    let mut child = command.spawn().unwrap();
    process.set(child.id()).unwrap();
    let ended = tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
    assert_eq!(ended.code(), Some(0), "{}", auth0.said());
    let limits = limits.lock().unwrap();
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().take(2).collect::<Vec<_>>(), ["0", "0"], "{limits}");
}
