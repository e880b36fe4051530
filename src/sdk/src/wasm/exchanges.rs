//! Exchanges over `wasi:http`: requests under way, and the replies to them.
//!
//! The order of fields is the order in which they are dropped, and a child
//! that outlives its parent traps: a pollable goes before the future or the
//! stream that it watches, a stream before its body.

use wasi::clocks::monotonic_clock;
use wasi::http::types::{ErrorCode, FutureIncomingResponse, IncomingBody};
use wasi::io::poll::{Pollable, poll};
use wasi::io::streams::{InputStream, StreamError};

use super::clocks::{self, MILLISECOND};
use super::outgoing;
use crate::engine::outgoing::Outgoing;
use crate::http::reply::{Answer, Broken, Head, LARGEST_BODY, Reply};
use crate::time::instant::Instant;

/// Milliseconds for connecting, headers and the whole body.
pub(super) const DEADLINE: u64 = 20_000;
/// Bytes requested at once: a page of a hundred rows in one piece.
const CHUNK: u64 = 256 * 1024;

/// An exchange under way.
struct Exchange {
    ticket: u64,
    deadline: Instant,
    state: State,
}

enum State {
    Sent(Sent),
    Reading(Reading),
    Ended(Reply),
    /// Between two states, within one function.
    Moving,
}

struct Sent {
    ready: Pollable,
    response: FutureIncomingResponse,
}

struct Reading {
    ready: Pollable,
    stream: InputStream,
    _body: IncomingBody,
    head: Head,
    bytes: Vec<u8>,
}

/// The exchanges under way. They go on between calls, while the host stores.
#[derive(Default)]
pub(super) struct Exchanges(Vec<Exchange>);

impl Exchanges {
    /// Begins an exchange; a request that cannot even begin ends at once.
    pub(super) fn send(&mut self, outgoing: &Outgoing, user_agent: &str) {
        // Before the request begins: from then on it goes its own way.
        let deadline = clocks::instant().later_by(DEADLINE);
        let state = match outgoing::begin(outgoing, user_agent) {
            Ok(response) => State::Sent(Sent { ready: response.subscribe(), response }),
            Err(broken) => State::Ended(Reply::Broken(broken)),
        };
        self.0.push(Exchange { ticket: outgoing.ticket, deadline, state });
    }

    /// The replies so far, without waiting.
    pub(super) fn collect(&mut self) -> Vec<(u64, Reply)> {
        for exchange in &mut self.0 {
            exchange.advance();
        }
        // What is ready was collected before a deadline is judged: the host
        // may have stored for longer than that since the last call.
        let now = clocks::instant();
        let mut ended = Vec::new();
        for exchange in std::mem::take(&mut self.0) {
            match exchange.state {
                State::Ended(reply) => ended.push((exchange.ticket, reply)),
                _ if exchange.deadline <= now => {
                    let what = format!("no complete answer arrived within {} s", DEADLINE / 1000);
                    ended.push((exchange.ticket, Reply::Broken(Broken::Connection(what))));
                }
                _ => self.0.push(exchange),
            }
        }
        ended
    }

    /// Waits until an exchange moves, a deadline passes, or an instant is reached.
    pub(super) fn wait(&self, until: Option<Instant>) {
        let mut watched: Vec<&Pollable> = Vec::with_capacity(self.0.len() + 1);
        for exchange in &self.0 {
            match &exchange.state {
                State::Sent(sent) => watched.push(&sent.ready),
                State::Reading(reading) => watched.push(&reading.ready),
                State::Ended(_) | State::Moving => return,
            }
        }
        let next = self.0.iter().map(|exchange| exchange.deadline).chain(until).min();
        let Some(next) = next else { return };
        let timer = monotonic_clock::subscribe_instant(next.millis().saturating_mul(MILLISECOND));
        watched.push(&timer);
        poll(&watched);
    }
}

impl Exchange {
    /// Goes as far as it can without waiting.
    fn advance(&mut self) {
        loop {
            self.state = match std::mem::replace(&mut self.state, State::Moving) {
                State::Sent(sent) if sent.ready.ready() => open(sent),
                State::Reading(reading) if reading.ready.ready() => match read(reading) {
                    (state, true) => state,
                    (state, false) => {
                        self.state = state;
                        return;
                    }
                },
                other => {
                    self.state = other;
                    return;
                }
            };
        }
    }
}

fn open(sent: Sent) -> State {
    let Sent { ready, response } = sent;
    let result = response.get();
    drop(ready);
    let incoming = match result {
        Some(Ok(Ok(incoming))) => incoming,
        Some(Ok(Err(error))) => return State::Ended(Reply::Broken(broken(&error))),
        Some(Err(())) | None => return lost("the response was lost"),
    };
    let lines = incoming.headers().entries();
    let lines = lines.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
    let head = Head::read(incoming.status(), lines);
    let coding = head.header("content-encoding").unwrap_or_default();
    if !matches!(coding, "" | "identity") {
        return lost("the answer was compressed, which was not requested");
    }
    let Ok(body) = incoming.consume() else { return lost("the response had no body") };
    let Ok(stream) = body.stream() else { return lost("the response had no body") };
    State::Reading(Reading {
        ready: stream.subscribe(),
        stream,
        _body: body,
        head,
        bytes: Vec::new(),
    })
}

/// Reads what is available; the flag says whether there may be more at once.
fn read(mut reading: Reading) -> (State, bool) {
    match reading.stream.read(CHUNK) {
        Ok(bytes) if bytes.is_empty() => (State::Reading(reading), false),
        Ok(bytes) => {
            if reading.bytes.len() + bytes.len() > LARGEST_BODY {
                return (State::Ended(Reply::TooLarge(reading.head)), true);
            }
            match reading.bytes.is_empty() {
                true => reading.bytes = bytes,
                false => reading.bytes.extend_from_slice(&bytes),
            }
            (State::Reading(reading), true)
        }
        Err(StreamError::Closed) => {
            let bytes = std::mem::take(&mut reading.bytes);
            (State::Ended(Reply::Answer(Answer::new(reading.head, bytes))), true)
        }
        Err(StreamError::LastOperationFailed(error)) => {
            // A host that itself cuts bodies at a limit says so here. Its code
            // is not read by `http-error-code`, which one host cannot answer.
            let said = error.to_debug_string();
            let too_large = ["HttpResponseBodySize", "response body size exceeds"];
            let state = if too_large.iter().any(|text| said.contains(text)) {
                State::Ended(Reply::TooLarge(reading.head))
            } else {
                lost("the response broke off")
            };
            (state, true)
        }
    }
}

fn lost(what: &str) -> State {
    State::Ended(Reply::Broken(Broken::Connection(what.to_owned())))
}

/// What an error means for the next attempt. The text is for a person.
pub(super) fn broken(error: &ErrorCode) -> Broken {
    let what = match error {
        ErrorCode::TlsCertificateError => return Broken::Untrusted,
        ErrorCode::DnsError(_) => return Broken::HostNotFound,
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => return Broken::Denied,
        ErrorCode::DnsTimeout => "the host name was not looked up in time",
        ErrorCode::ConnectionRefused => "the connection was refused",
        ErrorCode::DestinationUnavailable | ErrorCode::DestinationIpUnroutable => {
            "the host could not be reached"
        }
        ErrorCode::ConnectionTimeout
        | ErrorCode::HttpResponseTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout => "no answer arrived in time",
        ErrorCode::TlsProtocolError | ErrorCode::TlsAlertReceived(_) => {
            "the connection could not be secured (TLS)"
        }
        ErrorCode::HttpResponseBodySize(_) => "the answer was too large for the host",
        _ => "the connection broke",
    };
    Broken::Connection(what.to_owned())
}
