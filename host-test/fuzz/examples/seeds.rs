//! Writes the corpus's seeds: real answers of the simulated tenant, page by page
//! and sync by sync, and checkpoints that nobody wrote. What a fuzzer found is
//! beside them and stays.
//!
//! `cargo run -p auth0-fuzz --example seeds`
// A person runs this by hand: a failure is to be seen at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::fs;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;

use auth0_connector::Auth0;
use auth0_fuzz::parts;
use auth0_fuzz::script::{Opening, Stored, write_verbatim};
use auth0_fuzz::seal::{State, StoredRun, sealed, unsealed};
use auth0_tenant::{Clock, Endpoint, Fault, Options, Rule, Tenant};
use rawdash_connector_sdk::contract::request::SyncRequest;
use rawdash_connector_sdk::contract::step::{RunMode, Step};
use rawdash_connector_sdk::engine::Engine;
use rawdash_connector_sdk::engine::outgoing::{Outgoing, Turn};
use rawdash_connector_sdk::http::reply::{Answer, Head, Reply};
use rawdash_connector_sdk::http::request::Method;
use rawdash_connector_sdk::time::instant::Instant;
use rawdash_connector_sdk::time::moment::Moment;
use rawdash_connector_sdk::time::timestamp::Timestamp;
use serde_json::json;

/// 2026-03-01T12:00:00Z
const NOON: i64 = 1_772_366_400_000;
/// The tenant of the fuzz targets.
const DOMAIN: &str = "acme.eu.auth0.com";

#[tokio::main(flavor = "multi_thread")]
async fn main() -> io::Result<()> {
    let small =
        Options { users: 7, logs: 12, page_limit: 4, days: 3, odd: false, ..Options::default() };
    let tied = Options { seed: 2, users: 9, ties: 6, page_limit: 3, ..small.clone() };
    let odd =
        Options { seed: 3, users: 100, logs: 100, page_limit: 12, odd: true, ..small.clone() };
    for (name, options) in [("small", small), ("ties", tied), ("odd", odd)] {
        let tenant = Tenant::start(options, Clock::fixed(NOON)).await?;
        let gone = tenant.state().users().nth(1).map(|user| user.id().to_owned());
        tenant.state().delete_user(&gone.unwrap());
        if name != "odd" {
            let states = whole_sync(name, &tenant, false);
            if name == "small" {
                forged(states.last().unwrap());
                endless(&states[states.len() / 2]);
            }
        }
        pages(name, &tenant);
    }
    let limited = Options { users: 5, logs: 6, page_limit: 3, odd: false, ..Options::default() };
    let tenant = Tenant::start(limited, Clock::fixed(NOON)).await?;
    tenant.state().fault(Rule::on(Endpoint::Users, Fault::internal_error()).nth(2));
    tenant.state().fault(
        Rule::on(
            Endpoint::Logs,
            Fault::TooManyRequests { retry_after: Some(2), reset_in: Some(1) },
        )
        .nth(2),
    );
    whole_sync("refusals", &tenant, true);
    Ok(())
}

fn keep(target: &str, name: &str, bytes: &[u8]) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join(name), bytes).unwrap();
}

/// The second to fourth answer of each kind, as inputs of their own.
fn pages(name: &str, tenant: &Tenant) {
    let mut counts = [0; 4];
    drive(tenant, |path, status, text| {
        let (head, body) = text.split_once("\n\n").unwrap();
        let (kind, target) = match path {
            "/oauth/token" => (0, "token_answer"),
            path if path.starts_with("/api/v2/users?") => (1, "users_page"),
            path if path.starts_with("/api/v2/logs?") => (2, "logs_page"),
            path if path.starts_with("/api/v2/stats/") => (3, "stats_page"),
            _ => return,
        };
        counts[kind] += 1;
        if body.len() > 6_000 || !(2..=4).contains(&counts[kind]) && kind < 3 && kind > 0 {
            return;
        }
        let number = counts[kind];
        let prefix = if kind == 0 { status.to_le_bytes().to_vec() } else { Vec::new() };
        keep(target, &format!("{name}-{number}"), &[prefix, body.as_bytes().to_vec()].concat());
        if number < 4 {
            keep("response_headers", &format!("{name}-{target}-{number}"), head.as_bytes());
        }
    });
}

/// A sync as a script, and the checkpoints on its way; returns their states.
fn whole_sync(name: &str, tenant: &Tenant, lost: bool) -> Vec<State> {
    let opening = Opening { lost_after: u8::from(lost) * 2, ..Opening::default() };
    let mut script = opening.write();
    let states = drive(tenant, |_, status, text| {
        write_verbatim(&mut script, status, text.as_bytes());
    });
    keep("session", &format!("run-{name}"), &script);
    let middle = states.len() / 2;
    for (place, number) in [("begin", 2), ("middle", middle), ("end", states.len() - 1)] {
        let state = &states[number];
        keep("checkpoint", &format!("state-{name}-{place}"), &state.write());
        keep("checkpoint", &format!("parts-{name}-{place}"), &parts::write(state));
        keep(
            "checkpoint",
            &format!("text-{name}-{place}"),
            sealed(DOMAIN, &state.write()).as_bytes(),
        );
    }
    let state = parts::write(&states[middle]);
    let resumed = Opening { state: Stored::Parts(&state), ..Opening::default() };
    keep("session", &format!("resumed-{name}"), &resumed.write());
    states
}

/// States that no connector wrote.
fn forged(whole: &State) {
    let kept = |name: &str, state: &State| {
        keep("checkpoint", &format!("parts-{name}"), &parts::write(state));
    };
    let id = b"900";
    let mut state = whole.clone();
    let log = &mut state.resources[1].state;
    let at = log.windows(3).position(|window| window == id).unwrap();
    log[at..at + 21].copy_from_slice(b"https://evil.example/");
    kept("address-as-a-log-id", &state);
    for (name, place) in [("place-that-is-the-last", 999u32), ("place-behind-the-last", 1000)] {
        let mut state = whole.clone();
        state.resources[0].run = Some(locating(place));
        kept(name, &state);
    }
    let (by_id, witnesses) = (Some(vec![String::new()]), None);
    for (name, left) in
        [("undated-user-without-an-id", by_id), ("witness-without-an-id", witnesses)]
    {
        let mut state = whole.clone();
        state.resources[0].run = Some(asking(left));
        kept(name, &state);
    }
}

/// A run whose counts have no room.
fn endless(under_way: &State) {
    let mut state = under_way.clone();
    for run in state.resources.iter_mut().filter_map(|resource| resource.run.as_mut()) {
        (run.progress.pages, run.progress.records) = (u64::MAX, u64::MAX);
    }
    keep("checkpoint", "parts-progress-at-its-end", &parts::write(&state));
}

/// A walk over all users that requests users by id: those without a date that are
/// left, or else for a witness.
fn asking(left: Option<Vec<String>>) -> StoredRun {
    let nobody = Vec::<String>::new();
    let unseen = vec![String::new()];
    let (walking, all) = (0u32, 0u32);
    let census = (1u64, 1u64, unseen, &nobody, &nobody, &nobody);
    let (before, after) = (walking, (all, census, NOON, 0u64, None::<u64>));
    let repairs = None::<u32>;
    let state = match left {
        Some(left) => postcard::to_allocvec(&(before, after, (3u32, NOON, left), repairs)),
        None => postcard::to_allocvec(&(before, after, (4u32, NOON), repairs)),
    };
    let (date, progress) = (NOON, Default::default());
    StoredRun { mode: RunMode::Full, date, progress, state: state.unwrap() }
}

/// A walk over changed users that looks for the key of the user at a place.
fn locating(place: u32) -> StoredRun {
    let (none, whole_reach, at_place) = (None::<i64>, 0u32, 2u32);
    let range = (0u32, none, none, whole_reach, (at_place, place, Vec::<String>::new()));
    let (walking, changed, ranges) = (0u32, 1u32, 1u32);
    let stage = (ranges, NOON, (vec![range], 1u32));
    let run = (walking, (changed, NOON, 0u64, None::<u64>, stage), None::<u32>);
    let state = postcard::to_allocvec(&run).unwrap();
    StoredRun { mode: RunMode::Latest, date: NOON, progress: Default::default(), state }
}

/// Drives a sync to its end, one answer after the other; `seen` is given each path,
/// status and answer. Returns the state after each step.
fn drive(tenant: &Tenant, mut seen: impl FnMut(&str, u16, &str)) -> Vec<State> {
    let configuration = json!({
        "domain": tenant.domain(), "clientId": tenant.client_id(),
        "clientSecret": { "$secret": "NAME" }, "rateLimitShare": 1,
    });
    let secret = tenant.client_secret();
    let configured =
        Engine::<Auth0>::configure(&configuration.to_string(), &|_| Some(secret.clone()), None);
    let (mut engine, _) = configured.ok().unwrap();
    let (mut now, mut waiting, mut states) = (1_000_000, Vec::<Outgoing>::new(), Vec::new());
    loop {
        engine.enter(&SyncRequest::default(), moment(now)).unwrap();
        let step = loop {
            let (outgoing, turn) = engine.turn(moment(now));
            waiting.extend(outgoing);
            match turn {
                Turn::Step(step) => break step,
                Turn::Failed(failure) => unreachable!("{failure:?}"),
                Turn::Await(_) => {
                    now += 50;
                    let sent = waiting.remove(0);
                    let (status, text) = exchange(tenant, &sent).unwrap();
                    seen(&sent.request.path, status, &text);
                    let (head, body) = text.split_once("\n\n").unwrap();
                    let lines = head.lines().filter_map(|line| line.split_once(':'));
                    let lines = lines.map(|(name, value)| (name, value.as_bytes()));
                    let answer = Answer::new(Head::read(status, lines), body.into());
                    engine.receive(sent.ticket, Reply::Answer(answer), moment(now));
                }
            }
        };
        let text = engine.checkpoint().unwrap();
        states.push(State::read(&unsealed(&text).unwrap()).unwrap());
        match step {
            Step::Done => return states,
            Step::Wait { milliseconds, .. } => now += u64::from(milliseconds),
            _ => {}
        }
    }
}

fn moment(now: u64) -> Moment {
    let wall = Timestamp::from_millis(NOON).unwrap();
    Moment { instant: Instant::from_millis(now), wall }
}

/// Status; header lines, a blank line, and the body.
fn exchange(tenant: &Tenant, sent: &Outgoing) -> io::Result<(u16, String)> {
    let request = &sent.request;
    let method = if request.method == Method::Post { "POST" } else { "GET" };
    let mut text = format!("{method} {} HTTP/1.0\r\nhost: {}\r\n", request.path, sent.host);
    for (name, value) in &request.headers {
        text += &format!("{name}: {value}\r\n");
    }
    text += &format!("content-length: {}\r\n\r\n", request.body.len());
    let mut stream = TcpStream::connect(tenant.url().strip_prefix("http://").unwrap())?;
    stream.write_all(text.as_bytes())?;
    stream.write_all(&request.body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer).replace("\r\n", "\n");
    let (status, rest) = answer.split_once('\n').unwrap();
    let status = status.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
    Ok((status, rest.to_owned()))
}
