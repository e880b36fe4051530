//! Sends requests with `wasi:http` and reads the clocks: the one module that uses
//! WASI.
//!
//! The order of fields is the order in which they are dropped, and a child
//! that outlives its parent traps: a pollable goes before the future or the
//! stream that it watches, a stream before its body.

use auth0_connector_core::auth0::reply::{Head, Reply};
use auth0_connector_core::auth0::request::Request;
use auth0_connector_core::auth0::token;
use auth0_connector_core::configuration::Configuration;
use auth0_connector_core::engine::access_token::AccessToken;
use auth0_connector_core::engine::instant::Instant;
use auth0_connector_core::engine::timestamp::Timestamp;
use auth0_connector_core::manifest;
use wasi::clocks::{monotonic_clock, wall_clock};
use wasi::http::outgoing_handler;
use wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, Method, OutgoingBody, OutgoingRequest,
    RequestOptions, Scheme,
};
use wasi::io::poll::{Pollable, poll};
use wasi::io::streams::{InputStream, StreamError};

/// Milliseconds for connecting, headers and the whole body. Auth0 ends its own searches
/// after 2 s, and half a megabyte is a large page.
const DEADLINE: u64 = 20_000;
/// The largest body that is read: four times the largest page of Auth0's log
/// that was estimated. What is larger is requested in smaller pages.
const LARGEST_BODY: usize = 2 * 1024 * 1024;
/// Bytes requested at once.
const CHUNK: u64 = 64 * 1024;
const NANOSECONDS: u64 = 1_000_000;

/// The monotonic clock.
pub(crate) fn now() -> Instant {
    Instant::from_millis(monotonic_clock::now() / NANOSECONDS)
}

/// The host's clock, for a reply that does not state the tenant's time.
pub(crate) fn wall_time() -> Timestamp {
    let now = wall_clock::now();
    let millis =
        now.seconds.saturating_mul(1000).saturating_add(u64::from(now.nanoseconds) / NANOSECONDS);
    i64::try_from(millis).ok().and_then(Timestamp::from_millis).unwrap_or(Timestamp::AUTH0_BEGAN)
}

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
pub(crate) struct Exchanges(Vec<Exchange>);

impl Exchanges {
    /// Begins an exchange; a request that cannot even begin ends at once.
    pub(crate) fn send(
        &mut self,
        ticket: u64,
        request: &Request,
        token: Option<&AccessToken>,
        configuration: &Configuration,
    ) {
        // Before the request begins: from then on it goes its own way.
        let deadline = now().later_by(DEADLINE);
        let state = match begin(request, token, configuration) {
            Ok(response) => State::Sent(Sent { ready: response.subscribe(), response }),
            Err(reply) => State::Ended(reply),
        };
        self.0.push(Exchange { ticket, deadline, state });
    }

    /// The replies so far, without waiting.
    pub(crate) fn collect(&mut self) -> Vec<(u64, Reply)> {
        for exchange in &mut self.0 {
            exchange.advance();
        }
        // What is ready was collected before a deadline is judged: the host
        // may have stored for longer than that since the last call.
        let now = now();
        let mut ended = Vec::new();
        for exchange in std::mem::take(&mut self.0) {
            match exchange.state {
                State::Ended(reply) => ended.push((exchange.ticket, reply)),
                _ if exchange.deadline <= now => {
                    let what = format!("Auth0 did not answer within {} s", DEADLINE / 1000);
                    ended.push((exchange.ticket, Reply::Broken(what)));
                }
                _ => self.0.push(exchange),
            }
        }
        ended
    }

    /// Waits until an exchange moves, a deadline passes, or an instant is reached.
    pub(crate) fn wait(&self, until: Option<Instant>) {
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
        let timer = monotonic_clock::subscribe_instant(next.millis().saturating_mul(NANOSECONDS));
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

fn begin(
    request: &Request,
    token: Option<&AccessToken>,
    configuration: &Configuration,
) -> Result<FutureIncomingResponse, Reply> {
    let refused = |()| broken("the request could not be made");
    let fields = Fields::new();
    let set = |name: &str, value: &str| {
        fields
            .append(name, value.as_bytes())
            .map_err(|_| Reply::Broken(format!("the header {name} could not be set")))
    };
    set("accept", "application/json")?;
    set("user-agent", manifest::USER_AGENT)?;
    if let Some(token) = token {
        set("authorization", &format!("Bearer {}", token.reveal()))?;
    }
    let body = request.is_post().then(|| token::body(configuration));
    if let Some(body) = &body {
        set("content-type", "application/json")?;
        set("content-length", &body.len().to_string())?;
    }
    let outgoing = OutgoingRequest::new(fields);
    outgoing
        .set_method(if body.is_some() { &Method::Post } else { &Method::Get })
        .map_err(refused)?;
    outgoing.set_scheme(Some(&Scheme::Https)).map_err(refused)?;
    outgoing.set_authority(Some(configuration.domain.as_str())).map_err(refused)?;
    outgoing.set_path_with_query(Some(&request.path_and_query())).map_err(refused)?;
    let Some(body) = body else { return handle(outgoing) };
    let outgoing_body = outgoing.body().map_err(refused)?;
    let response = handle(outgoing)?;
    write(outgoing_body, &body)?;
    Ok(response)
}

/// The connect timeout is no shorter than the others: one host counts it until
/// the response begins.
fn handle(outgoing: OutgoingRequest) -> Result<FutureIncomingResponse, Reply> {
    let options = RequestOptions::new();
    let span = DEADLINE.saturating_mul(NANOSECONDS);
    // A host that cannot keep a timeout says so; the deadline holds anyway.
    let _ = options.set_connect_timeout(Some(span));
    let _ = options.set_first_byte_timeout(Some(span));
    let _ = options.set_between_bytes_timeout(Some(span));
    outgoing_handler::handle(outgoing, Some(options)).map_err(|error| failed(&error))
}

fn write(body: OutgoingBody, bytes: &[u8]) -> Result<(), Reply> {
    let unsent = || broken("the request could not be sent");
    {
        let stream = body.write().map_err(|()| unsent())?;
        // At most 4096 bytes are taken at once.
        for part in bytes.chunks(4096) {
            stream.blocking_write_and_flush(part).map_err(|_| unsent())?;
        }
    }
    OutgoingBody::finish(body, None).map_err(|error| failed(&error))
}

fn open(sent: Sent) -> State {
    let Sent { ready, response } = sent;
    let result = response.get();
    drop(ready);
    let incoming = match result {
        Some(Ok(Ok(incoming))) => incoming,
        Some(Ok(Err(error))) => return State::Ended(failed(&error)),
        Some(Err(())) | None => {
            return State::Ended(broken("the response was lost"));
        }
    };
    let lines = incoming.headers().entries();
    let mut head = Head::read(
        incoming.status(),
        lines.iter().map(|(name, value)| (name.as_str(), value.as_slice())),
    );
    head.date = head.date.or_else(|| Some(wall_time()));
    let Ok(body) = incoming.consume() else {
        return State::Ended(broken("the response had no body"));
    };
    let Ok(stream) = body.stream() else {
        return State::Ended(broken("the response had no body"));
    };
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
            reading.bytes.extend_from_slice(&bytes);
            (State::Reading(reading), true)
        }
        Err(StreamError::Closed) => {
            let bytes = std::mem::take(&mut reading.bytes);
            (State::Ended(Reply::Whole(reading.head, bytes)), true)
        }
        Err(StreamError::LastOperationFailed(error)) => {
            // A host that itself cuts bodies at a limit says so here.
            let said = error.to_debug_string();
            let reply = if said.contains("HttpResponseBodySize") {
                Reply::TooLarge(reading.head)
            } else {
                broken("the response broke off")
            };
            (State::Ended(reply), true)
        }
    }
}

/// A certificate that is refused is refused at every attempt; anything else may
/// pass. The text is for a person.
fn failed(error: &ErrorCode) -> Reply {
    let what = match error {
        ErrorCode::TlsCertificateError => return Reply::Untrusted,
        ErrorCode::DnsError(_) | ErrorCode::DnsTimeout => "the tenant's host name was not found",
        ErrorCode::ConnectionRefused => "the connection was refused",
        ErrorCode::ConnectionTimeout
        | ErrorCode::HttpResponseTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout => "Auth0 did not answer in time",
        ErrorCode::TlsProtocolError | ErrorCode::TlsAlertReceived(_) => {
            "the connection could not be secured (TLS)"
        }
        ErrorCode::HttpRequestDenied => "the host of this connector denied the request",
        _ => "the connection broke",
    };
    broken(what)
}

fn broken(what: &str) -> Reply {
    Reply::Broken(what.to_owned())
}
