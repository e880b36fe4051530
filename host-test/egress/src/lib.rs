//! A component between a connector and the network: it passes a request on if it is
//! for one of given origins, and refuses any other with `HTTP-request-denied`.
//!
//! The origins are those of the variable `EGRESS_ORIGINS` at the time of its build, and
//! from then on those that `allow` names. Without either, it refuses everything.
#![cfg(target_family = "wasm")]

mod bindings;

use std::cell::RefCell;

use bindings::exports::rawdash::egress::origins;
use bindings::exports::wasi::http::outgoing_handler as handler;
use bindings::wasi::http::outgoing_handler;
use bindings::wasi::http::types::{
    ErrorCode, FutureIncomingResponse, Method, OutgoingRequest, RequestOptions, Scheme,
};
use rawdash_origins::{Origin, OriginPattern, ResolvedOrigin, destination, is_plain_path};
use serde_json::Value;

struct Egress;

thread_local! {
    static ALLOWED: RefCell<Vec<ResolvedOrigin>> = RefCell::new(from_the_build());
}

impl handler::Guest for Egress {
    fn handle(
        request: OutgoingRequest,
        options: Option<RequestOptions>,
    ) -> Result<FutureIncomingResponse, ErrorCode> {
        let origin = destination_of(&request).ok_or(ErrorCode::HttpRequestDenied)?;
        if !ALLOWED.with_borrow(|allowed| allowed.iter().any(|one| one.allows(&origin))) {
            return Err(ErrorCode::HttpRequestDenied);
        }
        // As it was judged: no other reading of what the connector wrote is left to
        // the host.
        request
            .set_authority(Some(origin.host()))
            .map_err(|()| ErrorCode::HttpRequestUriInvalid)?;
        outgoing_handler::handle(request, options)
    }
}

impl origins::Guest for Egress {
    fn allow(origins: Vec<String>) -> Result<(), String> {
        ALLOWED.set(origins.iter().map(|origin| resolved(origin)).collect::<Result<_, _>>()?);
        Ok(())
    }
}

/// The origin that a request is for, if everything that it says agrees on that.
fn destination_of(request: &OutgoingRequest) -> Option<Origin> {
    let scheme = match request.scheme()? {
        Scheme::Https => "https",
        Scheme::Http => "http",
        Scheme::Other(_) => return None,
    };
    let origin = destination(scheme, &request.authority()?).ok()?;
    let path = request.path_with_query().unwrap_or_default();
    // CONNECT opens a tunnel to wherever its target says.
    let plain = is_plain_path(&path) && !matches!(request.method(), Method::Connect);
    let hosts = request.headers().get("host");
    let agrees = |host: &Vec<u8>| {
        let host = str::from_utf8(host).ok();
        host.and_then(|host| destination(scheme, host).ok()).as_ref() == Some(&origin)
    };
    (plain && hosts.iter().all(agrees)).then_some(origin)
}

fn resolved(text: &str) -> Result<ResolvedOrigin, String> {
    let pattern: OriginPattern = text.parse().map_err(said)?;
    let resolved = pattern.resolve(&Value::Null).map_err(said)?;
    resolved.ok_or_else(|| format!("the origin {text:?} has a pointer, and no configuration"))
}

fn said(error: rawdash_origins::OriginError) -> String {
    error.to_string()
}

/// What the build was given. The build script has read it.
fn from_the_build() -> Vec<ResolvedOrigin> {
    let origins = env!("EGRESS_ORIGINS").split_whitespace();
    origins.filter_map(|origin| resolved(origin).ok()).collect()
}
