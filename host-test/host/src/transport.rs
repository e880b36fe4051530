//! HTTP for one instance: only to its origins, over pooled connections, within
//! limits. Redirects are not followed; a component may follow them itself.

mod ahead;
mod body;
mod connect;
mod failure;
mod inflate;
mod network;
mod proxies;
mod server;
mod tunnel;

use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, HOST, HeaderMap, HeaderValue,
};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use crate::clock::{Clock, SharedClock, within};
use crate::origins::{Allowed, Denial, DenialReason, Egress};
use crate::sandbox::HttpLimits;

use body::{Answer, Within};
pub use connect::Roots;
use connect::{Connector, connector};
pub use network::Network;
pub use proxies::{Proxies, Proxy, UnusableProxy};
pub use server::{ServerAddress, ServerClient, ServerFailure};

/// The most denials that are kept. One says what is wrong; a thousand say no more.
const KEPT_DENIALS: usize = 16;

/// The most different credentials of one step that are kept out of messages. One
/// is usual.
const KEPT_CREDENTIALS: usize = 16;

/// The traffic of one instance. Clones share the counters.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    counters: Arc<Counters>,
}

#[derive(Debug, Default)]
struct Counters {
    requests: AtomicU64,
    connections: AtomicU64,
    received: AtomicU64,
    rate_limited: AtomicU64,
}

impl Traffic {
    /// Requests sent.
    pub fn requests(&self) -> u64 {
        self.counters.requests.load(Ordering::Relaxed)
    }

    /// Connections opened.
    pub fn connections(&self) -> u64 {
        self.counters.connections.load(Ordering::Relaxed)
    }

    /// Bytes of response bodies as received, before they were inflated.
    pub fn received(&self) -> u64 {
        self.counters.received.load(Ordering::Relaxed)
    }

    /// Responses with the status 429.
    pub fn rate_limited(&self) -> u64 {
        self.counters.rate_limited.load(Ordering::Relaxed)
    }

    fn count_request(&self) {
        self.counters.requests.fetch_add(1, Ordering::Relaxed);
    }

    fn count_connection(&self) {
        self.counters.connections.fetch_add(1, Ordering::Relaxed);
    }

    fn count_received(&self, bytes: usize) {
        self.counters.received.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn count_status(&self, status: StatusCode) {
        if status == StatusCode::TOO_MANY_REQUESTS {
            self.counters.rate_limited.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Sends a component's requests to the origins that it may reach. Clones share
/// connections, limits and counters.
#[derive(Clone)]
pub struct Transport {
    shared: Arc<Shared>,
}

struct Shared {
    limits: HttpLimits,
    clock: SharedClock,
    way: RwLock<Way>,
    permits: Arc<Semaphore>,
    traffic: Traffic,
    denials: Mutex<Vec<Denial>>,
    credentials: Mutex<BTreeSet<String>>,
}

/// The way out.
#[derive(Clone, Default)]
struct Way {
    egress: Egress,
    /// `None` where no origin is open, and every request is denied.
    client: Option<Client<Connector, Full<Bytes>>>,
}

impl Transport {
    /// A transport to the origins of `egress`. Fails if the machine's certificates
    /// cannot be read.
    pub fn new(
        egress: Egress,
        network: &Network,
        limits: &HttpLimits,
        clock: SharedClock,
    ) -> io::Result<Transport> {
        let transport = Self::nowhere(limits, clock);
        transport.open(egress, network)?;
        Ok(transport)
    }

    /// A transport that sends nothing until it is opened.
    pub fn nowhere(limits: &HttpLimits, clock: SharedClock) -> Transport {
        let permits = Arc::new(Semaphore::new(limits.concurrent));
        let shared = Shared {
            limits: limits.clone(),
            clock,
            way: RwLock::default(),
            permits,
            traffic: Traffic::default(),
            denials: Mutex::default(),
            credentials: Mutex::default(),
        };
        Transport { shared: Arc::new(shared) }
    }

    /// Opens the way to the origins of `egress`, and to no others. Requests that
    /// are under way go on.
    ///
    /// # Errors
    /// When the certificate authorities cannot be read.
    pub fn open(&self, egress: Egress, network: &Network) -> io::Result<()> {
        let limits = &self.shared.limits;
        let (traffic, clock) = (self.traffic(), self.shared.clock.clone());
        let connector = connector(&egress, network, traffic, clock).map_err(|error| {
            io::Error::other(format!("the certificate authorities cannot be read: {error}"))
        })?;
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(55))
            .http1_max_buf_size(limits.response_headers.max(8192))
            .http2_max_header_list_size(u32::try_from(limits.response_headers).unwrap_or(u32::MAX))
            .http2_adaptive_window(true)
            .build(connector);
        let mut way = self.shared.way.write().unwrap_or_else(PoisonError::into_inner);
        *way = Way { egress, client: Some(client) };
        Ok(())
    }

    /// The names of the hosts that may be reached.
    pub fn hosts(&self) -> Vec<String> {
        let way = self.shared.way.read().unwrap_or_else(PoisonError::into_inner);
        way.egress.allowed().iter().map(|allowed| allowed.origin.host().to_owned()).collect()
    }

    /// The traffic so far.
    pub fn traffic(&self) -> Traffic {
        self.shared.traffic.clone()
    }

    /// Takes the requests that were not sent since the last call.
    pub fn take_denials(&self) -> Vec<Denial> {
        std::mem::take(&mut *self.shared.denials.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes the credentials of all `Authorization` headers since the last call:
    /// they must not appear in messages.
    pub fn take_credentials(&self) -> BTreeSet<String> {
        let mut credentials =
            self.shared.credentials.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *credentials)
    }
}

/// Completes when the connection of an exchange has nothing more to send.
pub type Completion = Box<dyn Future<Output = Result<(), Error>> + Send>;
/// The result of one exchange of a `WasiHttpHooks`.
pub type Exchange = Result<(Response<WasiBody>, Completion), Error>;

impl WasiHttpHooks for Transport {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _completion: Completion,
    ) -> Box<dyn Future<Output = Exchange> + Send> {
        let shared = self.shared.clone();
        shared.note_credential(request.headers());
        // Decided and counted now, not when the task first runs: otherwise the
        // limit would apply to tasks, not to requests.
        let admitted = shared.admit(&request);
        Box::new(async move {
            let times = Times::new(&*shared.clock, &shared.limits, options.unwrap_or_default());
            let (head, body) = request.into_parts();
            // Read completely before anything is decided: dropping a body closes
            // the component's stream, and the component would see a broken
            // connection instead of the denial or of the server's refusal.
            let body = body::take(body, shared.limits.request_body);
            let body = within(&*shared.clock, times.headers_by, body).await;
            let body = body.ok_or(Error::ConnectionWriteTimeout)?;
            let admitted = admitted?;
            let request = prepare(head, body?, &admitted.allowed)?;
            let response = shared.send(request, admitted, times).await?;
            Ok((response, Box::new(std::future::ready(Ok(()))) as Completion))
        })
    }
}

/// The deadlines of an exchange, on the monotonic clock.
#[derive(Clone, Copy)]
struct Times {
    headers_by: Duration,
    end: Duration,
    between_bytes: Option<Duration>,
}

impl Times {
    /// The component's timeouts, limited by the host's.
    fn new(clock: &dyn Clock, limits: &HttpLimits, options: RequestOptions) -> Self {
        let now = clock.monotonic();
        let end = now.saturating_add(limits.exchange);
        let headers_by = options.first_byte_timeout.map_or(end, |patience| {
            let connect = options.connect_timeout.unwrap_or_default();
            now.saturating_add(connect).saturating_add(patience).min(end)
        });
        Times { headers_by, end, between_bytes: options.between_bytes_timeout }
    }
}

/// A request that may be sent, and how.
struct Admitted {
    client: Client<Connector, Full<Bytes>>,
    allowed: Allowed,
    permit: OwnedSemaphorePermit,
}

impl Shared {
    fn admit(&self, request: &Request<WasiBody>) -> Result<Admitted, Error> {
        let Way { egress, client } =
            self.way.read().unwrap_or_else(PoisonError::into_inner).clone();
        let scheme = request.uri().scheme_str().unwrap_or_default();
        let authority = request.uri().authority().map_or("", |authority| authority.as_str());
        let allowed = egress.decide(scheme, authority).map_err(|denial| {
            self.note(denial);
            Error::HttpRequestDenied
        })?;
        let permit = self.permits.clone().try_acquire_owned().map_err(|_| {
            let reason = DenialReason::TooMany(self.limits.concurrent);
            self.note(Denial { wanted: allowed.origin.to_string(), reason });
            Error::ConnectionLimitReached
        })?;
        let client = client.ok_or(Error::HttpRequestDenied)?;
        Ok(Admitted { client, allowed: allowed.clone(), permit })
    }

    fn note_credential(&self, headers: &HeaderMap) {
        let Some(sent) = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()) else {
            return;
        };
        let credential = sent.split_once(' ').map_or(sent, |(_scheme, credential)| credential);
        let mut credentials = self.credentials.lock().unwrap_or_else(PoisonError::into_inner);
        if credentials.len() < KEPT_CREDENTIALS {
            credentials.insert(credential.to_owned());
        }
    }

    fn note(&self, denial: Denial) {
        let mut denials = self.denials.lock().unwrap_or_else(PoisonError::into_inner);
        if denials.len() < KEPT_DENIALS && !denials.contains(&denial) {
            denials.push(denial);
        }
    }

    async fn send(
        &self,
        request: Request<Full<Bytes>>,
        Admitted { client, allowed, permit }: Admitted,
        times: Times,
    ) -> Result<Response<WasiBody>, Error> {
        self.traffic.count_request();
        let response = within(&*self.clock, times.headers_by, client.request(request)).await;
        let response = response.ok_or(Error::ConnectionReadTimeout)?.map_err(|error| {
            if let Some(reason) = failure::denial(&error) {
                self.note(Denial { wanted: allowed.origin.to_string(), reason });
            }
            failure::of_request(&error)
        })?;
        self.traffic.count_status(response.status());
        let (head, body) = self.answer(response, times)?.into_parts();
        Ok(Response::from_parts(head, ahead::read_ahead(body, permit).await))
    }

    /// The response as the component receives it: inflated, with limits and
    /// deadlines.
    fn answer(
        &self,
        response: Response<Incoming>,
        times: Times,
    ) -> Result<Response<WasiBody>, Error> {
        let (mut head, body) = response.into_parts();
        check_headers(&head.headers, self.limits.response_headers)?;
        let gzip = inflate::is_gzip(&head.headers)?;
        if gzip {
            // They describe the body as received, not as passed on.
            head.headers.remove(CONTENT_ENCODING);
            head.headers.remove(CONTENT_LENGTH);
        }
        let timed = Within::new(body, self.clock.clone(), times.end, times.between_bytes);
        let answer = Answer::new(timed, gzip, self.limits.response_body, self.traffic.clone());
        Ok(Response::from_parts(head, answer.boxed_unsync()))
    }
}

/// The request as it is sent. Its authority stays the origin's, wherever it is
/// routed: `Host`, `:authority` and the TLS name follow from it.
fn prepare(mut head: Parts, body: Bytes, allowed: &Allowed) -> Result<Request<Full<Bytes>>, Error> {
    let plain = allowed.route.is_some_and(|route| !route.https);
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    head.uri = http::Uri::builder()
        .scheme(if plain { "http" } else { "https" })
        .authority(allowed.origin.host())
        .path_and_query(path)
        .build()
        .map_err(|_| Error::HttpRequestUriInvalid)?;
    head.headers.remove(HOST);
    head.headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    Ok(Request::from_parts(head, Full::new(body)))
}

fn check_headers(headers: &HeaderMap, limit: usize) -> Result<(), Error> {
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size > limit {
        return Err(Error::HttpResponseHeaderSectionSize(u32::try_from(size).ok()));
    }
    Ok(())
}
