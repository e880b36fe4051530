//! A server on loopback that speaks real HTTP/1.1 and answers as a test says.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What a test's server answers to the request of a number, from 0.
pub(crate) type Answer = dyn Fn(usize, &Request<Incoming>) -> Response<Full<Bytes>> + Send + Sync;

/// A server that ends when dropped.
pub(crate) struct Server {
    pub(crate) url: String,
    seen: Arc<Seen>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    connections: watch::Sender<usize>,
    requests: Mutex<Vec<(String, http::HeaderMap)>>,
    bodies: Mutex<Vec<(String, Bytes)>>,
}

impl Server {
    pub(crate) async fn start(
        answer: impl Fn(usize, &Request<Incoming>) -> Response<Full<Bytes>> + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Seen::default());
        let task = tokio::spawn(serve(listener, seen.clone(), Arc::new(answer)));
        Server { url, seen, task }
    }

    /// A server that answers each connection with these bytes, whatever is
    /// asked, and then says nothing more, or hangs up.
    pub(crate) async fn raw(bytes: &'static [u8], hangs_up: bool) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Seen::default());
        let noted = seen.clone();
        let task = tokio::spawn(async move {
            let mut kept = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                noted.connections.send_modify(|count| *count += 1);
                stream.write_all(bytes).await.unwrap();
                if !hangs_up {
                    kept.push(stream);
                }
            }
        });
        Server { url, seen, task }
    }

    pub(crate) fn connections(&self) -> usize {
        *self.seen.connections.borrow()
    }

    /// Ends once a client has connected; with [`raw`](Self::raw), once it has
    /// sent its request.
    pub(crate) async fn connected(&self) {
        let mut connections = self.seen.connections.subscribe();
        connections.wait_for(|count| *count > 0).await.unwrap();
    }

    /// Path and headers of each request.
    pub(crate) fn requests(&self) -> Vec<(String, http::HeaderMap)> {
        self.seen.requests.lock().unwrap().clone()
    }

    /// Path and body of each request that had one.
    pub(crate) fn bodies(&self) -> Vec<(String, Bytes)> {
        self.seen.bodies.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An address that refuses every connection: a port that is bound, so that no
/// other process can take it, and not listened on.
pub(crate) struct Nobody {
    pub(crate) url: String,
    _bound: TcpSocket,
}

impl Nobody {
    pub(crate) fn new() -> Nobody {
        let bound = TcpSocket::new_v4().unwrap();
        bound.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Nobody { url: format!("http://{}", bound.local_addr().unwrap()), _bound: bound }
    }
}

async fn serve(listener: TcpListener, seen: Arc<Seen>, answer: Arc<Answer>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        seen.connections.send_modify(|count| *count += 1);
        let (seen, answer) = (seen.clone(), answer.clone());
        let service = service_fn(move |request: Request<Incoming>| {
            let number = {
                let mut requests = seen.requests.lock().unwrap();
                requests.push((request.uri().to_string(), request.headers().clone()));
                requests.len() - 1
            };
            let response = answer(number, &request);
            let seen = seen.clone();
            async move {
                let path = request.uri().to_string();
                // An answer before the whole request would end the connection.
                if let Ok(body) = request.into_body().collect().await {
                    let body = body.to_bytes();
                    if !body.is_empty() {
                        seen.bodies.lock().unwrap().push((path, body));
                    }
                }
                Ok::<_, Infallible>(response)
            }
        });
        tokio::spawn(async move {
            // A client that goes away in the middle is part of some tests.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// A response with a body and headers.
pub(crate) fn response(
    status: u16,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Response<Full<Bytes>> {
    let mut builder = Response::builder().status(status);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Full::new(body.into())).unwrap()
}
