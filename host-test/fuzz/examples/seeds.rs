//! Writes the corpus's seeds: real answers of the simulated tenant, page by
//! page and run by run. What a fuzzer found lies beside them and stays.
//!
//! `cargo run -p auth0-fuzz --example seeds`
// The hands of a person at a desk: what fails is to be seen at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::fs;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;

use auth0_connector_core::auth0::reply::{Head, Reply};
use auth0_connector_core::auth0::request::Request;
use auth0_connector_core::auth0::token;
use auth0_connector_core::configuration::Configuration;
use auth0_connector_core::engine::instant::Instant;
use auth0_connector_core::sync::checkpoint::Checkpoint;
use auth0_connector_core::sync::session::{Outgoing, Session, Step, SyncRequest, Turn};
use auth0_fuzz::script::{Opening, write_verbatim};
use auth0_fuzz::state_of;
use auth0_tenant::{Clock, Endpoint, Fault, Options, Rule, Tenant};
use serde_json::json;

/// 2026-03-01T12:00:00Z
const NOON: i64 = 1_772_366_400_000;

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
            whole_run(name, &tenant, false);
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
    whole_run("refusals", &tenant, true);
    Ok(())
}

fn keep(target: &str, name: &str, bytes: &[u8]) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join(name), bytes).unwrap();
}

/// Each kind of answer's first two, as inputs of their own.
fn pages(name: &str, tenant: &Tenant) {
    let mut counts = [0; 4];
    let mut session = session(tenant);
    drive(&mut session, tenant, |request, status, text| {
        let body = text.split_once("\n\n").unwrap().1;
        let (kind, target) = match request {
            Request::Token => (0, "token_answer"),
            Request::Users(_) => (1, "users_page"),
            Request::Logs { .. } | Request::OldestLog(_) => (2, "logs_page"),
            Request::Stats(..) => (3, "stats_page"),
            Request::User(_) => return,
        };
        counts[kind] += 1;
        if body.len() > 6_000 || !(2..=4).contains(&counts[kind]) && kind < 3 && kind > 0 {
            return;
        }
        let number = counts[kind];
        let prefix = if kind == 0 { status.to_le_bytes().to_vec() } else { Vec::new() };
        keep(target, &format!("{name}-{number}"), &[prefix, body.as_bytes().to_vec()].concat());
        if number < 4 {
            let head = text.split_once("\n\n").unwrap().0;
            keep("response_headers", &format!("{name}-{target}-{number}"), head.as_bytes());
        }
    });
}

/// A run as a script, and the checkpoints on its way.
fn whole_run(name: &str, tenant: &Tenant, lost: bool) {
    let opening = Opening { lost_after: u8::from(lost) * 2, ..Opening::default() };
    let mut script = opening.write();
    let mut session = session(tenant);
    let texts = drive(&mut session, tenant, |_, status, text| {
        write_verbatim(&mut script, status, text.as_bytes());
    });
    keep("session", &format!("run-{name}"), &script);
    for number in [0, texts.len() / 2, texts.len() - 1] {
        // The fuzz targets' own tenant.
        let domain = configuration(&tenant.domain(), "x").domain;
        let read = Checkpoint::read(&texts[number], &domain).unwrap();
        let text = read.write(&configuration("acme.eu.auth0.com", "x").domain);
        keep("checkpoint", &format!("text-{name}-{number}"), text.as_bytes());
        keep("checkpoint", &format!("state-{name}-{number}"), &state_of(&text).unwrap());
    }
}

fn configuration(domain: &str, secret: &str) -> Configuration {
    let text = json!({
        "domain": domain, "clientId": "client", "clientSecret": { "$secret": "NAME" },
        "rateLimitShare": 1,
    });
    Configuration::read(&text.to_string(), |_| Some(secret)).unwrap()
}

fn session(tenant: &Tenant) -> Session {
    let mut configuration = configuration(&tenant.domain(), &tenant.client_secret());
    configuration.client_id = tenant.client_id();
    Session::new(configuration, Checkpoint::default())
}

/// Drives a run to its end, one answer after the other; returns the checkpoint
/// after each step.
fn drive(
    session: &mut Session,
    tenant: &Tenant,
    mut seen: impl FnMut(&Request, u16, &str),
) -> Vec<String> {
    let (asked, mut now, mut waiting, mut texts) =
        (SyncRequest::default(), 1_000_000, Vec::<Outgoing>::new(), Vec::new());
    loop {
        let (outgoing, turn) = session.turn(&asked, Instant::from_millis(now));
        waiting.extend(outgoing);
        match turn {
            Turn::Step(step) => {
                texts.push(session.checkpoint());
                match step {
                    Step::Done => return texts,
                    Step::Wait(pause) => now += u64::from(pause),
                    _ => {}
                }
            }
            Turn::Failed(failure) => unreachable!("{failure:?}"),
            Turn::Await(_) => {
                now += 50;
                let sent = waiting.remove(0);
                let (status, text) = ask(tenant, &sent, session.configuration()).unwrap();
                seen(&sent.request, status, &text);
                let (head, body) = text.split_once("\n\n").unwrap();
                let lines = head.lines().filter_map(|line| line.split_once(':'));
                let head = Head::read(status, lines.map(|(name, value)| (name, value.as_bytes())));
                session.receive(
                    sent.ticket,
                    Reply::Whole(head, body.into()),
                    Instant::from_millis(now),
                );
            }
        }
    }
}

/// Status; header lines, a blank line, and the body.
fn ask(tenant: &Tenant, sent: &Outgoing, with: &Configuration) -> io::Result<(u16, String)> {
    let method = if sent.request.is_post() { "POST" } else { "GET" };
    let body = if sent.request.is_post() { token::body(with) } else { Vec::new() };
    let mut text =
        format!("{method} {} HTTP/1.0\r\nhost: {}\r\n", sent.request.path_and_query(), with.domain);
    if let Some(token) = &sent.token {
        text += &format!("authorization: Bearer {}\r\n", token.reveal());
    }
    text += &format!("content-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    let mut stream = TcpStream::connect(tenant.url().strip_prefix("http://").unwrap())?;
    stream.write_all(text.as_bytes())?;
    stream.write_all(&body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer).replace("\r\n", "\n");
    let (status, rest) = answer.split_once('\n').unwrap();
    let status = status.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
    Ok((status, rest.to_owned()))
}
