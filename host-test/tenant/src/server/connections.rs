//! The listening socket and its connections.

use super::exchange::exchange;
use super::shared::Shared;
use crate::http::{Switch, Wire};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// Whether to listen from now on, and where to report the result.
pub(crate) type Listen = (bool, oneshot::Sender<io::Result<()>>);

/// Serves until it is aborted, which ends all connections.
pub(crate) async fn run(
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
    mut commands: mpsc::UnboundedReceiver<Listen>,
) {
    let mut listener = Some(listener);
    let mut connections = JoinSet::new();
    let mut accepted = 0;
    loop {
        tokio::select! {
            Some((listen, done)) = commands.recv() => {
                connections.abort_all();
                while connections.join_next().await.is_some() {}
                let result = set_listening(&mut listener, listen, address).await;
                // The caller may no longer wait for the result.
                let _ = done.send(result);
            }
            stream = accept(listener.as_ref()) => {
                accepted += 1;
                connections.spawn(connection(stream, accepted, shared.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn set_listening(
    listener: &mut Option<TcpListener>,
    listen: bool,
    address: SocketAddr,
) -> io::Result<()> {
    if !listen {
        *listener = None;
    } else if listener.is_none() {
        *listener = Some(TcpListener::bind(address).await?);
    }
    Ok(())
}

async fn accept(listener: Option<&TcpListener>) -> TcpStream {
    loop {
        match listener {
            None => std::future::pending().await,
            Some(listener) => {
                if let Ok((stream, _)) = listener.accept().await {
                    return stream;
                }
                // No descriptor is free, or the client has left: try the next.
                tokio::task::yield_now().await;
            }
        }
    }
}

async fn connection(stream: TcpStream, number: u64, shared: Arc<Shared>) {
    let switch = Switch::default();
    // A body that is sent in pieces must arrive in pieces.
    let _ = stream.set_nodelay(true);
    let wire = Wire::new(stream, switch.clone());
    if shared.state().refuses() {
        switch.reset();
        return;
    }
    let service =
        service_fn(move |request| exchange(request, number, shared.clone(), switch.clone()));
    // A connection breaks because of the client, or on purpose.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(wire), service).await;
}
