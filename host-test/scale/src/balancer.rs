//! What distributes the engine's calls over the workers: each call by itself, because
//! the engine sends hundreds of calls over one connection, and a balancer of
//! connections would leave them where the first one went.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};

type Connection = SendRequest<Incoming>;

/// Where one worker is, if it is.
#[derive(Default)]
pub struct Slot {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    address: Option<SocketAddr>,
    connection: Option<Connection>,
}

impl Slot {
    /// The worker is at this address now, or nowhere.
    pub fn set(&self, address: Option<SocketAddr>) {
        *self.lock() = State { address, connection: None };
    }

    /// Whether the worker is anywhere.
    pub fn is_set(&self) -> bool {
        self.lock().address.is_some()
    }

    /// A connection to the worker, if it can be reached.
    async fn connection(&self) -> Option<Connection> {
        let (address, known) = {
            let state = self.lock();
            (state.address?, state.connection.clone())
        };
        if let Some(mut connection) = known
            && connection.ready().await.is_ok()
        {
            return Some(connection);
        }
        let connection = connect(address).await.ok()?;
        let mut state = self.lock();
        if state.address == Some(address) {
            state.connection = Some(connection.clone());
        }
        Some(connection)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn connect(address: SocketAddr) -> io::Result<Connection> {
    let stream = TcpStream::connect(address).await?;
    let (sender, connection) =
        handshake(TokioExecutor::new(), TokioIo::new(stream)).await.map_err(io::Error::other)?;
    tokio::spawn(connection);
    Ok(sender)
}

/// Listens for the engine's calls until the runtime ends, and returns where.
pub async fn start(slots: Arc<[Slot]>) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let turn = Arc::new(AtomicUsize::new(0));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (slots, turn) = (slots.clone(), turn.clone());
            let forward = move |request| forward(request, slots.clone(), turn.clone());
            tokio::spawn(
                http2::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service_fn(forward)),
            );
        }
    });
    Ok(address)
}

async fn forward(
    request: Request<Incoming>,
    slots: Arc<[Slot]>,
    turn: Arc<AtomicUsize>,
) -> Result<Response<BoxBody<Bytes, hyper::Error>>, hyper::Error> {
    let first = turn.fetch_add(1, Ordering::Relaxed);
    for slot in slots.iter().cycle().skip(first % slots.len().max(1)).take(slots.len()) {
        if let Some(mut connection) = slot.connection().await {
            let response = connection.send_request(request).await?;
            return Ok(response.map(BodyExt::boxed));
        }
    }
    let body = Empty::new().map_err(|never| match never {}).boxed();
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    Ok(response)
}
