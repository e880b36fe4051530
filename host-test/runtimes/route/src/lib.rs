//! For tests in runtimes that trust no certificate authority of a test: sends every
//! request to `127.0.0.1` and the port `ROUTE_PORT` of the build, in the clear. The
//! path there begins with the scheme and the authority that the request had.
#![cfg(target_family = "wasm")]

mod bindings;

use bindings::exports::wasi::http::outgoing_handler::Guest;
use bindings::wasi::http::outgoing_handler;
use bindings::wasi::http::types::{
    ErrorCode, FutureIncomingResponse, OutgoingRequest, RequestOptions, Scheme,
};

struct Route;

impl Guest for Route {
    fn handle(
        request: OutgoingRequest,
        options: Option<RequestOptions>,
    ) -> Result<FutureIncomingResponse, ErrorCode> {
        route(&request).map_err(|()| ErrorCode::HttpRequestUriInvalid)?;
        outgoing_handler::handle(request, options)
    }
}

fn route(request: &OutgoingRequest) -> Result<(), ()> {
    let scheme = match request.scheme() {
        Some(Scheme::Https) => "https",
        _ => "other",
    };
    let authority = request.authority().unwrap_or_default();
    let path = request.path_with_query().unwrap_or_default();
    let port = option_env!("ROUTE_PORT").unwrap_or("9");
    request.set_scheme(Some(&Scheme::Http))?;
    request.set_authority(Some(&format!("127.0.0.1:{port}")))?;
    request.set_path_with_query(Some(&format!("/{scheme}/{authority}{path}")))
}
