//! Servers on this machine in place of a source with a problem.

use std::convert::Infallible;
use std::net::Ipv4Addr;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinHandle;

/// A source that responds 401 to everything; it ends when dropped.
pub(super) struct Refusing {
    pub(super) url: String,
    task: JoinHandle<()>,
}

impl Refusing {
    pub(super) async fn start() -> std::io::Result<Refusing> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    // A client that disconnects does not matter.
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service_fn(refuse))
                        .await;
                });
            }
        });
        Ok(Refusing { url, task })
    }
}

impl Drop for Refusing {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn refuse(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    // A response before the complete request would end the connection.
    let _ = request.into_body().collect().await;
    let body =
        Bytes::from_static(br#"{"error":"access_denied","error_description":"Unauthorized"}"#);
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    Ok(response)
}

/// An address that refuses every connection until it is dropped: its port is
/// bound, so that no other process can take it, and not listened on.
pub(super) struct Nobody {
    pub(super) url: String,
    _bound: TcpSocket,
}

impl Nobody {
    pub(super) fn bind() -> std::io::Result<Nobody> {
        let bound = TcpSocket::new_v4()?;
        bound.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        Ok(Nobody { url: format!("http://{}", bound.local_addr()?), _bound: bound })
    }
}

/// A source that accepts every connection and never answers; it ends when dropped.
pub(super) struct Silent {
    pub(super) url: String,
    task: JoinHandle<()>,
}

impl Silent {
    pub(super) async fn start() -> std::io::Result<Silent> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let task = tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                held.push(stream);
            }
        });
        Ok(Silent { url, task })
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        self.task.abort();
    }
}
