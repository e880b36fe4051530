//! The listening socket and its connections.

use super::exchange::exchange;
use super::port::Port;
use super::shared::Shared;
use crate::http::{Switch, Wire};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::io;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// Whether to listen from now on, and where to report the result.
pub(crate) type Listen = (bool, oneshot::Sender<io::Result<()>>);

/// Serves until it is aborted, which ends all connections.
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
                // The caller may no longer wait for the result.
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
