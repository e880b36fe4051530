//! Begins requests.

use wasi::http::outgoing_handler;
use wasi::http::types::{
    Fields, FutureIncomingResponse, Method as WasiMethod, OutgoingBody, OutgoingRequest,
    RequestOptions, Scheme,
};

use super::clocks::MILLISECOND;
use super::exchanges::{DEADLINE, broken};
use crate::engine::outgoing::Outgoing;
use crate::http::reply::Broken;
use crate::http::request::{Method, Request};

/// At most this many bytes are taken at once.
const LARGEST_WRITE: usize = 4096;

/// Begins a request, and sends its body.
pub(super) fn begin(
    outgoing: &Outgoing,
    user_agent: &str,
) -> Result<FutureIncomingResponse, Broken> {
    let request = &outgoing.request;
    let refused = |()| unmade("the request could not be made");
    let sent = OutgoingRequest::new(fields(request, user_agent)?);
    sent.set_method(&method(request.method)).map_err(refused)?;
    sent.set_scheme(Some(&Scheme::Https)).map_err(refused)?;
    sent.set_authority(Some(&outgoing.host)).map_err(refused)?;
    sent.set_path_with_query(Some(&request.path)).map_err(refused)?;
    if request.body.is_empty() {
        return handle(sent);
    }
    let body = sent.body().map_err(refused)?;
    let response = handle(sent)?;
    write(body, &request.body)?;
    Ok(response)
}

fn fields(request: &Request, user_agent: &str) -> Result<Fields, Broken> {
    let fields = Fields::new();
    let set = |name: &str, value: &str| {
        fields
            .append(name, value.as_bytes())
            .map_err(|_| unmade(&format!("the header `{name}` could not be set")))
    };
    for (name, value) in &request.headers {
        set(name, value)?;
    }
    if !fields.has("accept") {
        set("accept", "application/json")?;
    }
    set("user-agent", user_agent)?;
    // A host that compresses on the way requests that itself, and inflates.
    set("accept-encoding", "identity")?;
    if !request.body.is_empty() {
        set("content-length", &request.body.len().to_string())?;
    }
    Ok(fields)
}

fn method(method: Method) -> WasiMethod {
    match method {
        Method::Get => WasiMethod::Get,
        Method::Head => WasiMethod::Head,
        Method::Post => WasiMethod::Post,
        Method::Put => WasiMethod::Put,
        Method::Patch => WasiMethod::Patch,
        Method::Delete => WasiMethod::Delete,
    }
}

/// The connect timeout is no shorter than the others: one host counts it until
/// the response begins.
fn handle(request: OutgoingRequest) -> Result<FutureIncomingResponse, Broken> {
    let options = RequestOptions::new();
    let span = DEADLINE.saturating_mul(MILLISECOND);
    // A host that cannot keep a timeout says so; the deadline holds anyway.
    let _ = options.set_connect_timeout(Some(span));
    let _ = options.set_first_byte_timeout(Some(span));
    let _ = options.set_between_bytes_timeout(Some(span));
    outgoing_handler::handle(request, Some(options)).map_err(|error| broken(&error))
}

fn write(body: OutgoingBody, bytes: &[u8]) -> Result<(), Broken> {
    let unsent = || unmade("the request could not be sent");
    {
        let stream = body.write().map_err(|()| unsent())?;
        for part in bytes.chunks(LARGEST_WRITE) {
            stream.blocking_write_and_flush(part).map_err(|_| unsent())?;
        }
    }
    OutgoingBody::finish(body, None).map_err(|error| broken(&error))
}

fn unmade(what: &str) -> Broken {
    Broken::Connection(what.to_owned())
}
