//! TLS on loopback: an authority made for the test, and a server that stands
//! before a tenant and speaks HTTP/1.1 or HTTP/2 over it.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use data_encoding::BASE64;
use http::header::{CONNECTION, HOST, TRANSFER_ENCODING};
use http::{HeaderValue, Request, Response, Version};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::PATIENCE;

/// Requests that a client sends one by one at the beginning: for the token, and
/// the one whose answer tells the limit.
const ALONE: usize = 2;

/// Certificates are judged by the machine's clock, so a valid one is so for
/// long.
pub(crate) const VALID: (OffsetDateTime, OffsetDateTime) =
    (datetime!(2000-01-01 0:00 UTC), datetime!(2200-01-01 0:00 UTC));

/// A certificate authority.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) certificate: CertificateDer<'static>,
}

/// A server's certificate, with its key.
#[derive(Clone)]
pub(crate) struct Identity {
    certificate: CertificateDer<'static>,
    key: Arc<PrivatePkcs8KeyDer<'static>>,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.self_signed(&key).unwrap().der().clone();
        Authority { issuer: Issuer::new(parameters, key), certificate }
    }

    /// Its certificate as a file holds it.
    pub(crate) fn pem(&self) -> String {
        let body = BASE64.encode(&self.certificate);
        format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
    }

    /// A certificate for a host name, valid from one time to another.
    pub(crate) fn identity(
        &self,
        host: &str,
        (from, to): (OffsetDateTime, OffsetDateTime),
    ) -> Identity {
        let mut parameters = CertificateParams::new(vec![host.to_owned()]).unwrap();
        (parameters.not_before, parameters.not_after) = (from, to);
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap().der().clone();
        Identity { certificate, key: Arc::new(key.serialize_der().into()) }
    }
}

/// What a client meets that connects.
#[derive(Clone)]
pub(crate) enum Meets {
    /// TLS with this certificate.
    Tls(Identity),
    /// A connection that is closed as soon as the client has begun TLS.
    TheEnd,
    /// A server that knows no TLS.
    PlainHttp,
}

/// A server that ends when dropped.
pub(crate) struct TlsServer {
    pub(crate) url: String,
    seen: Arc<Seen>,
    task: JoinHandle<()>,
}

struct Seen {
    upstream: String,
    protocols: Vec<Vec<u8>>,
    meets: Mutex<Meets>,
    /// What is met once so many requests were answered.
    then: Mutex<Option<(usize, Meets)>>,
    /// What came from clients, as it came.
    wire: Mutex<Vec<u8>>,
    connections: AtomicUsize,
    secured: AtomicUsize,
    requests: Mutex<Vec<Version>>,
    under_way: AtomicUsize,
    most_under_way: watch::Sender<usize>,
    /// Until so many requests are under way at one time, only those that are
    /// sent alone are answered.
    together: AtomicUsize,
}

impl TlsServer {
    /// A server before the one at `upstream`, `http://ADDRESS`, that speaks
    /// the protocols, the preferred one first.
    pub(crate) async fn start(upstream: &str, protocols: &[&str], meets: Meets) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Seen {
            upstream: upstream.strip_prefix("http://").unwrap().to_owned(),
            protocols: protocols.iter().map(|name| name.as_bytes().to_vec()).collect(),
            meets: Mutex::new(meets),
            then: Mutex::default(),
            wire: Mutex::default(),
            connections: AtomicUsize::default(),
            secured: AtomicUsize::default(),
            requests: Mutex::default(),
            under_way: AtomicUsize::default(),
            most_under_way: watch::Sender::default(),
            together: AtomicUsize::default(),
        });
        let shared = seen.clone();
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(connection(stream, shared.clone()));
            }
        });
        TlsServer { url, seen, task }
    }

    /// Clients meet this once so many requests were answered: from then on every
    /// connection is closed after its answer.
    pub(crate) fn after(&self, requests: usize, meets: Meets) {
        *self.seen.then.lock().unwrap() = Some((requests, meets));
    }

    /// Clients meet this from now on, and connections are kept.
    pub(crate) fn now(&self, meets: Meets) {
        *self.seen.then.lock().unwrap() = None;
        *self.seen.meets.lock().unwrap() = meets;
    }

    /// Keeps the answers to all requests but those that are sent alone until so
    /// many are under way at one time.
    pub(crate) fn answer_together(&self, requests: usize) {
        self.seen.together.store(requests, Ordering::SeqCst);
    }

    /// Connections opened.
    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// Connections on which TLS was agreed on.
    pub(crate) fn secured(&self) -> usize {
        self.seen.secured.load(Ordering::SeqCst)
    }

    /// The HTTP version of each request.
    pub(crate) fn requests(&self) -> Vec<Version> {
        self.seen.requests.lock().unwrap().clone()
    }

    /// The most requests that were answered at one time.
    pub(crate) fn most_under_way(&self) -> usize {
        *self.seen.most_under_way.borrow()
    }

    /// All bytes that clients sent, as they came.
    pub(crate) fn wire(&self) -> Vec<u8> {
        self.seen.wire.lock().unwrap().clone()
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Seen {
    /// Ends once the requests that are to be answered together were under way.
    async fn meet(&self) {
        let wanted = self.together.load(Ordering::SeqCst);
        let mut most = self.most_under_way.subscribe();
        // A client that sends one by one is answered, and found out.
        let _ = tokio::time::timeout(PATIENCE, most.wait_for(|most| *most >= wanted)).await;
    }
}

async fn connection(stream: TcpStream, seen: Arc<Seen>) {
    seen.connections.fetch_add(1, Ordering::SeqCst);
    let mut stream = Recorded { stream, seen: seen.clone() };
    let meets = seen.meets.lock().unwrap().clone();
    let identity = match meets {
        Meets::Tls(identity) => identity,
        Meets::TheEnd => {
            let _ = stream.read(&mut [0; 4096]).await;
            return;
        }
        Meets::PlainHttp => {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            return;
        }
    };
    // A client that does not trust the certificate ends it here.
    let Ok(secured) = acceptor(&identity, &seen.protocols).accept(stream).await else { return };
    seen.secured.fetch_add(1, Ordering::SeqCst);
    let http2 = secured.get_ref().1.alpn_protocol() == Some(b"h2");
    let service = service_fn(move |request| answer(request, seen.clone()));
    let io = TokioIo::new(secured);
    // A client that goes away in the middle is part of some tests.
    let _ = if http2 {
        let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        server.serve_connection(io, service).await
    } else {
        hyper::server::conn::http1::Builder::new().serve_connection(io, service).await
    };
}

pub(super) fn acceptor(identity: &Identity, protocols: &[Vec<u8>]) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity.certificate.clone()], identity.key.clone_key().into())
        .unwrap();
    config.alpn_protocols = protocols.to_vec();
    TlsAcceptor::from(Arc::new(config))
}

/// The answer of the server behind.
async fn answer(
    request: Request<Incoming>,
    seen: Arc<Seen>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let number = {
        let mut requests = seen.requests.lock().unwrap();
        requests.push(request.version());
        requests.len()
    };
    let under_way = seen.under_way.fetch_add(1, Ordering::SeqCst) + 1;
    seen.most_under_way.send_modify(|most| *most = under_way.max(*most));
    if number > ALONE {
        seen.meet().await;
    }
    let (mut head, body) = request.into_parts();
    // In HTTP/2 the host stands in the URI.
    if let Some(authority) = head.uri.authority() {
        head.headers.insert(HOST, HeaderValue::from_str(authority.as_str()).unwrap());
    }
    head.uri = head.uri.path_and_query().unwrap().as_str().parse().unwrap();
    head.version = Version::HTTP_11;
    let body = Full::new(body.collect().await?.to_bytes());
    let stream = TcpStream::connect(&seen.upstream).await.unwrap();
    let (mut sender, driver) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(driver);
    let answer = sender.send_request(Request::from_parts(head, body)).await?;
    let (mut head, body) = answer.into_parts();
    let body = body.collect().await?.to_bytes();
    head.headers.remove(TRANSFER_ENCODING);
    head.headers.remove(CONNECTION);
    let due = |(after, _): &&(usize, Meets)| *after <= seen.requests.lock().unwrap().len();
    if let Some((_, meets)) = seen.then.lock().unwrap().as_ref().filter(due) {
        *seen.meets.lock().unwrap() = meets.clone();
        head.headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    seen.under_way.fetch_sub(1, Ordering::SeqCst);
    Ok(Response::from_parts(head, Full::new(body)))
}

/// A connection of which all that comes is noted.
struct Recorded {
    stream: TcpStream,
    seen: Arc<Seen>,
}

impl AsyncRead for Recorded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.seen.wire.lock().unwrap().extend_from_slice(&buffer.filled()[before..]);
        read
    }
}

impl AsyncWrite for Recorded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
