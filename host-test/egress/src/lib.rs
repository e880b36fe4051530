//! A component between a connector and the network: it passes a request on if it is
//! for one of given origins, and refuses any other with `HTTP-request-denied`.
//!
//! The origins are those of the variable `EGRESS_ORIGINS` at the time of its build, for
//! good. Built without, it refuses everything until `allow` names some.
#![cfg(target_family = "wasm")]

mod bindings;

use std::cell::RefCell;

use bindings::exports::rawdash::egress::origins;
use bindings::exports::wasi::http::outgoing_handler as handler;
use bindings::wasi::http::outgoing_handler;
use bindings::wasi::http::types::{
    ErrorCode, FutureIncomingResponse, Method, OutgoingRequest, RequestOptions, Scheme,
};
use rawdash_origins::{Gate, Origin, destination, is_plain_path};

struct Egress;

thread_local! {
    /// The build script has read the text in the same way.
    static GATE: RefCell<Gate> =
        RefCell::new(Gate::new(env!("EGRESS_ORIGINS")).unwrap_or_default());
}

impl handler::Guest for Egress {
    fn handle(
        request: OutgoingRequest,
        options: Option<RequestOptions>,
    ) -> Result<FutureIncomingResponse, ErrorCode> {
        let origin = destination_of(&request).ok_or(ErrorCode::HttpRequestDenied)?;
        if !GATE.with_borrow(|gate| gate.passes(&origin)) {
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
        GATE.with_borrow_mut(|gate| gate.open(&origins))
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
    let plain = is_plain_path(&path) && !connects(&request.method());
    let hosts = request.headers().get("host");
    let agrees = |host: &Vec<u8>| {
        let host = str::from_utf8(host).ok();
        host.and_then(|host| destination(scheme, host).ok()).as_ref() == Some(&origin)
    };
    (plain && hosts.iter().all(agrees)).then_some(origin)
}

/// Whether the method opens a tunnel to wherever its target says. Some runtimes send
/// every method in capitals.
fn connects(method: &Method) -> bool {
    match method {
        Method::Connect => true,
        Method::Other(name) => name.eq_ignore_ascii_case("connect"),
        _ => false,
    }
}
