//! HTTP/1.1 on loopback.

use crate::delivery::{Broken, OnStall, Outgoing};
use crate::faults::Delivery;
use crate::port::Port;
use crate::requests::Incoming;
use crate::route;
use crate::state::State;
use crate::wire::{Switch, Wire};
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming as RequestBody;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// The most bytes of a request's body that are read.
const LONGEST_BODY: usize = 64 * 1024;

/// What all connections share.
pub(crate) struct Shared {
    state: Mutex<State>,
    on_stall: Mutex<Option<OnStall>>,
}

impl Shared {
    pub(crate) fn new(state: State) -> Self {
        Self { state: Mutex::new(state), on_stall: Mutex::new(None) }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A test that failed while it held the state must not fail the others.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_on_stall(&self, call: OnStall) {
        *self.lock_on_stall() = Some(call);
    }

    fn on_stall(&self) -> Option<OnStall> {
        self.lock_on_stall().clone()
    }

    fn lock_on_stall(&self) -> MutexGuard<'_, Option<OnStall>> {
        self.on_stall.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether to listen from now on, and whom to tell when it is so.
pub(crate) type Listen = (bool, oneshot::Sender<io::Result<()>>);

/// Serves until it is aborted; then all connections end.
pub(crate) async fn run(
    mut port: Port,
    shared: Arc<Shared>,
    mut commands: mpsc::UnboundedReceiver<Listen>,
) {
    let mut connections = JoinSet::new();
    let mut accepted = 0;
    loop {
        tokio::select! {
            Some((listen, done)) = commands.recv() => {
                connections.abort_all();
                while connections.join_next().await.is_some() {}
                // Whoever asked may have gone.
                let _ = done.send(port.set_listening(listen));
            }
            stream = port.accept() => {
                accepted += 1;
                connections.spawn(connection(stream, accepted, shared.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, number: u64, shared: Arc<Shared>) {
    let switch = Switch::default();
    // Answers in pieces have to leave in pieces.
    let _ = stream.set_nodelay(true);
    let wire = Wire::new(stream, switch.clone());
    if shared.state().refuses() {
        switch.reset();
        return;
    }
    let service =
        service_fn(move |request| exchange(request, number, shared.clone(), switch.clone()));
    // A connection that breaks is the client's matter, or done on purpose.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(wire), service).await;
}

async fn exchange(
    request: Request<RequestBody>,
    connection: u64,
    shared: Arc<Shared>,
    switch: Switch,
) -> Result<Response<Outgoing>, Broken> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, LONGEST_BODY).collect().await.map_err(|_| Broken)?.to_bytes();
    let text = |name: HeaderName| text(&head.headers, &name);
    let incoming = Incoming {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        host: text(HOST).unwrap_or_default(),
        authorization: text(AUTHORIZATION),
        content_type: text(CONTENT_TYPE).unwrap_or_default(),
        accepts_gzip: text(ACCEPT_ENCODING).is_some_and(|value| value.contains("gzip")),
        body: body.to_vec(),
        connection,
    };
    let way = shared.state().options.latency / 2;
    travel(way).await;
    let (delivery, served) = {
        let mut state = shared.state();
        let delivery = route::serve(&mut state, &incoming);
        (delivery, state.requests().len())
    };
    travel(way).await;
    match delivery {
        Delivery::Reset => {
            switch.reset();
            Err(Broken)
        }
        Delivery::Silence => {
            if let Some(call) = shared.on_stall() {
                call();
            }
            std::future::pending().await
        }
        Delivery::Send(answer, pace) => {
            // A client has to bear both framings: they take turns.
            let chunked = answer.status == 200 && served % 2 == 1;
            let body = Outgoing::new(answer.body, pace, chunked, switch, shared.on_stall());
            let mut response = Response::new(body);
            *response.status_mut() =
                StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            for (name, value) in answer.headers {
                let name = HeaderName::from_bytes(name.as_bytes());
                let value = HeaderValue::from_bytes(value.as_bytes());
                if let (Ok(name), Ok(value)) = (name, value) {
                    response.headers_mut().append(name, value);
                }
            }
            Ok(response)
        }
    }
}

async fn travel(way: Duration) {
    // A timer of no time would still wait for the next millisecond.
    if !way.is_zero() {
        tokio::time::sleep(way).await;
    }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(value.to_owned())
}
