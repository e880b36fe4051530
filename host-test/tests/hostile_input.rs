//! Whatever is handed to the connector or answered to it, in whatever order:
//! each call returns, and nobody but the configured tenant is asked.

use std::sync::Arc;
use std::time::Duration;

use crate::support::auth0::{Auth0, connector};
use crate::support::leaks;
use crate::support::server::{Server, response};
use crate::support::tapped::Tapped;
use auth0_fuzz::seal::{sealed, unsealed};
use auth0_tenant::{ACCESS_TOKEN_MARK, CLIENT_SECRET_MARK, Options};
use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rawdash_host::clock::{DrivenClock, SharedClock};
use rawdash_host::contract::{ConfigureError, Mode, Request, Secret, Step, Want};
use rawdash_host::instance::Instance;
use rawdash_host::origins::{Egress, OriginPolicy};
use rawdash_host::sandbox::Limits;
use rawdash_host::transport::{Network, Transport};
use serde_json::{Value, json};
use time::macros::datetime;

const DOMAIN: &str = "acme-1.eu.auth0.com";
const SECRET: &str = CLIENT_SECRET_MARK;
const TOKEN: &str = ACCESS_TOKEN_MARK;
const NAME: &str = "AUTH0_CLIENT_SECRET";
/// Orders of calls that are tried.
const ORDERS: u32 = 96;
/// Bytes of a text of a checkpoint that are not there by chance.
const SHORTEST_TEXT: usize = 4;
/// Steps that an altered checkpoint is followed for.
const FOLLOWED: usize = 12;

/// An instance, and all that it could send to.
struct Bench {
    instance: Instance,
    transport: Transport,
    clock: DrivenClock,
    /// The tenants that it was configured for.
    tenants: Vec<String>,
}

impl Bench {
    /// Whatever it asks of the tenant, the server answers.
    async fn new(server: &Server) -> Bench {
        let clock = DrivenClock::new(datetime!(2026-03-01 12:00 UTC));
        let shared: SharedClock = Arc::new(clock.clone());
        let origins = connector().describe().await.unwrap().origins;
        let route = format!("https://{{/domain}}={}", server.url).parse().unwrap();
        let policy = OriginPolicy::new(&origins, &json!({ "domain": DOMAIN })).unwrap();
        let egress = Egress::new(&policy, &policy.origins(), &[route]).unwrap();
        let limits = Limits::default();
        let transport =
            Transport::new(egress, &Network::default(), &limits.http, shared.clone()).unwrap();
        let instance = connector().instantiate(&limits, transport.clone(), shared).await.unwrap();
        Bench { instance, transport, clock, tenants: vec![DOMAIN.to_owned()] }
    }

    async fn configure(
        &mut self,
        domain: &str,
        checkpoint: Option<&str>,
    ) -> Result<(), ConfigureError> {
        let configuration = configuration(domain);
        let secrets = [Secret { name: NAME.to_owned(), value: SECRET.to_owned() }];
        let configured = self.instance.configure(&configuration, &secrets, checkpoint).await;
        configured.unwrap().map(|_| ())
    }
}

fn configuration(domain: &str) -> String {
    json!({ "domain": domain, "clientId": "client", "clientSecret": { "$secret": NAME } })
        .to_string()
}

/// What a tenant of nobody answers, with a way to somewhere else.
fn quiet(path: &str) -> Response<Full<Bytes>> {
    let elsewhere = "<https://evil.example/api/v2/logs?from=900&take=1>; rel=\"next\"";
    let headers = [("link", elsewhere), ("location", "https://evil.example/")];
    if path.starts_with("/oauth/token") {
        return response(200, &headers, json!({ "access_token": TOKEN }).to_string());
    }
    if path.starts_with("/api/v2/users/") {
        return response(404, &headers, "{}");
    }
    let users = path.starts_with("/api/v2/users");
    response(200, &headers, if users { r#"{"users":[],"total":0}"# } else { "[]" })
}

/// What may come instead, by a number.
fn hostile(number: u8, path: &str) -> Response<Full<Bytes>> {
    let body = match number / 16 {
        0 => json!({ "access_token": TOKEN, "expires_in": 1 }),
        1 => {
            json!({ "users": [{ "user_id": "x".repeat(9_000) }, 7, { "user_id": "a" }], "limit": 1, "total": 5000 })
        }
        2 => {
            json!([{ "log_id": "9", "type": "sdu", "user_id": "https://evil.example" }, { "log_id": "10", "type": "s", "date": "2026-03-01T00:00:00Z", "ip": "y".repeat(1_100_000) }])
        }
        3 => {
            json!([{ "date": "2026-02-27T00:00:00Z", "logins": -1e308 }, { "date": "9999-12-31T23:59:59Z" }])
        }
        4 => json!({ "message": "\u{1b}[2J", "statusCode": 503, "error": {} }),
        _ => json!("not what was asked for"),
    };
    let (status, headers): (u16, &[(&str, &str)]) = match number % 16 {
        0 => (200, &[("date", "Thu, 01 Jan 1970 00:00:00 GMT")]),
        1 => (200, &[("date", "Fri, 31 Dec 9999 23:59:59 GMT")]),
        2 => (429, &[("retry-after", "18446744073709551615")]),
        3 => (429, &[("x-ratelimit-reset", "-9223372036854775808"), ("date", "x")]),
        4 => (302, &[("location", "https://evil.example/")]),
        5 => (401, &[]),
        6 => (403, &[]),
        7 => (503, &[("retry-after", "0")]),
        8 => (400, &[]),
        9 => (200, &[("x-ratelimit-limit", "4294967295"), ("x-ratelimit-remaining", "0")]),
        10..=12 => return quiet(path),
        _ => (200, &[]),
    };
    response(status, headers, body.to_string())
}

/// A call of the contract.
#[derive(Clone, Debug)]
enum Call {
    Configure { configuration: String, named: String, checkpoint: Option<String> },
    Sync(Request),
    Checkpoint,
    Check,
    Describe,
}

fn text_near(text: String) -> impl Strategy<Value = String> {
    let changed = (Just(text.clone()), any::<prop::sample::Index>(), "\\PC{0,3}");
    let changed = changed.prop_map(|(mut text, at, instead)| {
        let at = at.index(text.len());
        if text.is_char_boundary(at) && text.is_char_boundary(at + 1) {
            text.replace_range(at..=at, &instead);
        }
        text
    });
    prop_oneof![3 => Just(text), 2 => changed, 1 => "\\PC{0,40}"]
}

/// The checkpoint of a run that has not begun, and any near it.
fn checkpoint() -> impl Strategy<Value = Option<String>> {
    let states = prop::collection::vec(any::<u8>(), 0..40);
    prop_oneof![
        2 => Just(None),
        1 => text_near(sealed(DOMAIN, &[0; 14])).prop_map(Some),
        1 => states.prop_map(|state| Some(sealed(DOMAIN, &state))),
    ]
}

fn request() -> impl Strategy<Value = Request> {
    let since = prop_oneof![
        Just(None),
        Just(Some(i64::MIN)),
        Just(Some(i64::MAX)),
        Just(Some(0)),
        any::<i64>().prop_map(Some),
        (1_300_000_000_000..1_800_000_000_000i64).prop_map(Some),
    ];
    let name = prop_oneof![
        4 => Just("auth0_user".to_owned()),
        4 => Just("auth0_login_event".to_owned()),
        4 => Just("auth0_daily_active_users".to_owned()),
        1 => "\\PC{0,20}",
    ];
    let mode = prop::sample::select(vec![Mode::Auto, Mode::Full, Mode::Latest]);
    let want = (mode, since, name).prop_map(|(mode, since, resource)| Want {
        resource,
        mode,
        since,
        conditions: Vec::new(),
    });
    let patience = prop::option::of(0..100_u32);
    (prop::collection::vec(want, 0..3), patience)
        .prop_map(|(wants, patience)| Request { wants, patience })
}

fn call() -> impl Strategy<Value = Call> {
    let named = prop_oneof![8 => Just(NAME.to_owned()), 1 => "\\PC{0,9}"];
    let configure = (text_near(configuration(DOMAIN)), named, checkpoint()).prop_map(
        |(configuration, named, checkpoint)| Call::Configure { configuration, named, checkpoint },
    );
    prop_oneof![
        3 => configure,
        8 => request().prop_map(Call::Sync),
        2 => Just(Call::Checkpoint),
        1 => Just(Call::Check),
        1 => Just(Call::Describe),
    ]
}

/// Makes one call; what it says holds no secret, and it does not trap.
async fn make(bench: &mut Bench, call: &Call) {
    let instance = &mut bench.instance;
    let told = match call {
        Call::Configure { configuration, named, checkpoint } => {
            let secrets = [Secret { name: named.clone(), value: SECRET.to_owned() }];
            let checkpoint = checkpoint.as_deref();
            let answer = instance.configure(configuration, &secrets, checkpoint).await.unwrap();
            if answer.is_ok() {
                let accepted: Value = serde_json::from_str(configuration).unwrap();
                bench.tenants.push(accepted["domain"].as_str().unwrap().to_ascii_lowercase());
            }
            format!("{answer:?}")
        }
        Call::Sync(request) => {
            let answer = instance.sync(request).await.unwrap();
            if let Ok(Step::Wait(pause)) = &answer {
                bench.clock.advance(Duration::from_millis(u64::from(pause.milliseconds)));
            }
            format!("{answer:?}")
        }
        Call::Checkpoint => format!("{:?}", instance.checkpoint().await.unwrap()),
        Call::Check => format!("{:?}", instance.check().await.unwrap()),
        Call::Describe => format!("{:?}", instance.describe().await.unwrap()),
    };
    leaks::none_in("what a call returned", told);
}

/// Every request was the configured tenant's own, which the host lets through
/// where it is the one that it knows; the secret went with the request for
/// the token alone, the token with all others alone.
fn check_requests(server: &Server, bench: &Bench) {
    for denial in bench.transport.take_denials() {
        let tenant = denial.wanted.strip_prefix("https://").unwrap();
        assert!(bench.tenants.iter().any(|configured| configured == tenant), "{denial}");
    }
    for (path, headers) in server.requests() {
        assert_eq!(headers["host"], DOMAIN);
        let authorization = headers.get("authorization").map(|value| value.to_str().unwrap());
        let bearer = format!("Bearer {TOKEN}");
        let wanted = (path != "/oauth/token").then_some(bearer.as_str());
        assert_eq!(authorization, wanted, "{path}");
        assert!(!path.contains(SECRET) && !format!("{headers:?}").contains(SECRET), "{path}");
    }
    for (path, body) in server.bodies() {
        assert_eq!(path, "/oauth/token");
        assert!(String::from_utf8_lossy(&body).contains(SECRET));
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn calls_in_any_order_with_any_arguments_and_answers_never_trap() {
    let runtime = runtime();
    let calls = prop::collection::vec(call(), 1..24);
    let answers = prop::collection::vec(any::<u8>(), 0..24);
    let config = Config { cases: ORDERS, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&(calls, answers), |(calls, answers)| {
        runtime.block_on(async {
            let server = Server::start(move |number, request| {
                let path = request.uri().to_string();
                answers.get(number).map_or_else(|| quiet(&path), |answer| hostile(*answer, &path))
            });
            let server = server.await;
            let mut bench = Bench::new(&server).await;
            for call in &calls {
                make(&mut bench, call).await;
            }
            check_requests(&server, &bench);
        });
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// The checkpoints of a run that was broken off here and there, and of its end.
async fn stored_checkpoints() -> Vec<String> {
    let options =
        Options { users: 30, logs: 30, ties: 9, page_limit: 4, odd: false, ..Options::default() };
    let mut auth0 = Auth0::new(options).await;
    assert_eq!(auth0.tenant.domain(), DOMAIN);
    let gone = auth0.users().into_keys().next().unwrap();
    auth0.tenant.state().delete_user(&gone);
    let mut texts = Vec::new();
    for commits in [4, 12] {
        let mut storage = Tapped::new(auth0.database());
        storage.broken_from = Some(commits);
        auth0.sync_into(&mut storage).await;
        drop(storage);
        texts.extend(auth0.database().checkpoint().unwrap());
    }
    auth0.sync_until_done().await;
    texts.extend(auth0.database().checkpoint().unwrap());
    assert_eq!(texts.len(), 3);
    texts
}

async fn refused(bench: &mut Bench, domain: &str, text: &str, remedy: &str) {
    match bench.configure(domain, Some(text)).await {
        Err(ConfigureError::Checkpoint(told)) => assert!(told.contains(remedy), "{told}: {text}"),
        other => panic!("{other:?}: {text}"),
    }
}

/// The text with one character replaced by one of each class, doubled, or left
/// out, at every place; and cut at every length.
fn altered(text: &str) -> impl Iterator<Item = String> {
    text.char_indices().flat_map(move |(at, letter)| {
        let (before, after) = (&text[..at], &text[at + letter.len_utf8()..]);
        let classes = ["", "0", "9", "b", "Z", "\"", "{", "}", ",", ":", "%", " ", "\\", "\0", "é"];
        let instead = classes.map(str::to_owned).into_iter().chain([format!("{letter}{letter}")]);
        let same = letter.to_string();
        let replaced = instead.filter(move |instead| *instead != same);
        replaced.map(move |instead| format!("{before}{instead}{after}")).chain([before.to_owned()])
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_checkpoint_that_was_altered_or_is_anothers_is_refused_with_the_remedy() {
    let server = Server::start(|_, request| quiet(&request.uri().to_string())).await;
    let mut bench = Bench::new(&server).await;
    for text in stored_checkpoints().await {
        assert_eq!(bench.configure(DOMAIN, Some(&text)).await, Ok(()));
        for altered in altered(&text) {
            refused(&mut bench, DOMAIN, &altered, "eset").await;
        }
        refused(&mut bench, "other.auth0.com", &text, "of another source").await;
        let newer = text.replacen("\"version\":6", "\"version\":7", 1);
        refused(&mut bench, DOMAIN, &newer, "use the connector that wrote it").await;
    }
    assert!(server.requests().is_empty(), "nothing is asked before a run");
}

/// Takes some steps of the run that the checkpoint leads to.
async fn follow(bench: &mut Bench) {
    for _ in 0..FOLLOWED {
        let request = Request { wants: Vec::new(), patience: None };
        let step = bench.instance.sync(&request).await.unwrap();
        let checkpoint = bench.instance.checkpoint().await.unwrap().unwrap();
        leaks::none_in("a checkpoint", checkpoint);
        match step {
            Ok(Step::Wait(pause)) => {
                bench.clock.advance(Duration::from_millis(u64::from(pause.milliseconds)));
            }
            Ok(Step::Done) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

/// What would lead elsewhere if any of a checkpoint's texts were taken for an
/// address, or for a part of one.
const ELSEWHERE: [&str; 6] = [
    "https://evil.example/",
    "//evil.example/",
    "evil.example",
    "@evil.example/",
    "/../../evil.example",
    "x HTTP/1.1\r\nhost: evil.example\r\n\r\n",
];

/// The state with one byte changed, at every place; and with each text that it
/// holds led elsewhere.
fn forged_states(state: &[u8]) -> Vec<Vec<u8>> {
    let mut forged = Vec::new();
    for at in 0..state.len() {
        let put =
            |instead: &[u8], length: usize| [&state[..at], instead, &state[at + length..]].concat();
        forged.extend([state[at] ^ 1, 0x80, b'/'].map(|byte| put(&[byte], 1)));
        // A text is written as its length and its bytes.
        let length = 1 + usize::from(state[at]);
        let text = state.get(at + 1..at + length).unwrap_or_default();
        if text.len() >= SHORTEST_TEXT && text.iter().all(u8::is_ascii_graphic) {
            forged.extend(ELSEWHERE.map(|elsewhere| {
                let length_byte = u8::try_from(elsewhere.len()).unwrap();
                put(&[&[length_byte], elsewhere.as_bytes()].concat(), length)
            }));
        }
    }
    forged
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_checkpoint_that_is_accepted_leads_nowhere_but_to_the_tenant() {
    let server = Server::start(|_, request| quiet(&request.uri().to_string())).await;
    let mut bench = Bench::new(&server).await;
    let (mut accepted, mut refused, mut led) = (0, 0, 0);
    for text in stored_checkpoints().await {
        let state = unsealed(&text).unwrap();
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(read(&sealed(DOMAIN, &state)), read(&text), "sealed as the connector does");
        let forged = forged_states(&state).into_iter().map(|state| sealed(DOMAIN, &state));
        let of_others = ELSEWHERE.iter().map(|elsewhere| sealed(elsewhere, &state));
        for forged in forged.chain(of_others) {
            let state = unsealed(&forged).unwrap_or_default();
            let leads_elsewhere = state.windows(4).any(|part| part == b"evil");
            match bench.configure(DOMAIN, Some(&forged)).await {
                Ok(()) => {
                    accepted += 1;
                    led += usize::from(leads_elsewhere);
                    follow(&mut bench).await;
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert!(accepted > 100 && refused > 100, "{accepted} accepted, {refused} refused");
    assert!(led > 10, "{led} of those accepted hold an address");
    assert!(server.requests().len() > accepted);
    check_requests(&server, &bench);
}
