//! Serving the page to browsers on this machine.

mod request;

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::page::CONTENT_SECURITY_POLICY;
use request::{Verdict, judge};

/// Connections that are open at once; others wait.
const CONNECTIONS: usize = 8;
/// How long a connection may say nothing.
const SILENCE: Duration = Duration::from_secs(5);
/// How long to wait when the machine gives no more connections.
const PAUSE: Duration = Duration::from_millis(100);

/// What a browser is shown: a page, or the page that says why there is none.
pub type Shown = Result<String, String>;

/// Listens on loopback, on `port` or on a free one if that is 0.
///
/// # Errors
/// When the port is not to be had.
pub async fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await
}

/// Answers each request with what `read` returns then, until this is dropped. `read`
/// may block. It is called for one request at a time, so that impatience does not make
/// a large database slower.
pub async fn serve(listener: TcpListener, read: impl Fn() -> Shown + Send + Sync + 'static) {
    let read = Arc::new(Reading::new(read));
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        // Neither semaphore is ever closed.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let read = Arc::clone(&read);
        tokio::spawn(async move {
            converse(stream, read).await;
            drop(place);
        });
    }
}

struct Reading<R> {
    read: R,
    turn: Arc<Semaphore>,
}

impl<R: Fn() -> Shown + Send + Sync + 'static> Reading<R> {
    fn new(read: R) -> Reading<R> {
        Reading { read, turn: Arc::new(Semaphore::new(1)) }
    }

    async fn next(self: Arc<Self>) -> Shown {
        let turn = Arc::clone(&self.turn).acquire_owned().await;
        let read = move || {
            // Held until this ends: it goes on where the browser that waits for it goes away.
            let _turn = turn;
            (self.read)()
        };
        let shown = tokio::task::spawn_blocking(read).await;
        shown.unwrap_or_else(|error| Err(error.to_string()))
    }
}

async fn converse<R>(stream: TcpStream, read: Arc<Reading<R>>)
where
    R: Fn() -> Shown + Send + Sync + 'static,
{
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let read = Arc::clone(&read);
        async move { Ok::<_, Infallible>(answer(judge(&request), read).await) }
    });
    // A browser that goes away is no error.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(SILENCE)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer<R>(verdict: Verdict, read: Arc<Reading<R>>) -> Response<Full<Bytes>>
where
    R: Fn() -> Shown + Send + Sync + 'static,
{
    let (status, text) = match verdict {
        Verdict::Page => match read.next().await {
            Ok(page) => (StatusCode::OK, page),
            Err(page) => (StatusCode::SERVICE_UNAVAILABLE, page),
        },
        Verdict::Refused(status) => (status, String::new()),
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, HeaderValue::from_static("GET"));
    }
    response
}

#[cfg(test)]
mod tests;
