//! Requests to places that a component should not reach.

use wasi::http::outgoing_handler::handle;
use wasi::http::types::{
    Fields, FutureIncomingResponse, Method, OutgoingBody, OutgoingRequest, RequestOptions, Scheme,
};
use wasi::io::streams::StreamError;

use crate::{secret, setting};

/// Takes handle after handle and gives none back.
pub(crate) fn hoard() -> Result<String, String> {
    let mut hoard = Vec::new();
    loop {
        hoard.push(std::hint::black_box(Fields::new()));
    }
}

/// Sends one request, with a body and an `Authorization`, to the configuration's `scheme`,
/// `authority` and `path`, with its `method` (POST if there is none) and `host-header`, and
/// returns what it led to.
pub(crate) fn send() -> Result<String, String> {
    let scheme = match setting("scheme").as_str() {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.to_owned()),
    };
    finish(begin(&scheme, &setting("authority"), &setting("path"))?)
}

/// Sends many requests at once to the declared host, and tells how many came.
pub(crate) fn send_many(count: usize) -> Result<String, String> {
    let begun: Vec<_> = (0..count).map(|_| begin(&Scheme::Https, &setting("host"), "/")).collect();
    let mut came = 0;
    let mut last = String::new();
    for request in begun {
        match request.and_then(finish) {
            Ok(_) => came += 1,
            Err(error) => last = error,
        }
    }
    Err(format!("{came} came; {last}"))
}

fn begin(scheme: &Scheme, authority: &str, path: &str) -> Result<FutureIncomingResponse, String> {
    let mut headers =
        vec![("authorization".to_owned(), format!("Bearer {}", secret()).into_bytes())];
    if let host @ [_, ..] = setting("host-header").as_bytes() {
        headers.push(("Host".to_owned(), host.to_vec()));
    }
    let request = OutgoingRequest::new(Fields::from_list(&headers).map_err(|e| format!("{e:?}"))?);
    let wrong = |()| "the request cannot be made".to_owned();
    request.set_method(&method()).map_err(wrong)?;
    request.set_scheme(Some(scheme)).map_err(wrong)?;
    request.set_authority(Some(authority)).map_err(wrong)?;
    request.set_path_with_query(Some(if path.is_empty() { "/" } else { path })).map_err(wrong)?;
    let body = request.body().map_err(wrong)?;
    let response = handle(request, options()?).map_err(|error| format!("{error:?}"))?;
    let stream = body.write().map_err(wrong)?;
    let written = stream.blocking_write_and_flush(b"{}");
    drop(stream);
    written.map_err(|error| format!("the body was not taken: {error:?}"))?;
    OutgoingBody::finish(body, None).map_err(|error| format!("{error:?}"))?;
    Ok(response)
}

fn method() -> Method {
    match setting("method") {
        none if none.is_empty() => Method::Post,
        connect if connect == "CONNECT" => Method::Connect,
        other => Method::Other(other),
    }
}

/// The longest rest between two pieces of an answer, where the configuration's
/// `between-bytes` tells seconds.
fn options() -> Result<Option<RequestOptions>, String> {
    let Ok(seconds) = setting("between-bytes").parse::<u64>() else { return Ok(None) };
    let options = RequestOptions::new();
    let span = seconds * 1_000_000_000;
    options.set_between_bytes_timeout(Some(span)).map_err(|()| "no such timeout".to_owned())?;
    Ok(Some(options))
}

fn finish(response: FutureIncomingResponse) -> Result<String, String> {
    response.subscribe().block();
    let lost = || "no answer".to_owned();
    let response = response.get().ok_or_else(lost)?.map_err(|()| lost())?;
    let response = response.map_err(|error| format!("{error:?}"))?;
    let status = response.status();
    let body = response.consume().map_err(|()| lost())?;
    let stream = body.stream().map_err(|()| lost())?;
    let mut whole = Vec::new();
    loop {
        match stream.blocking_read(1 << 16) {
            Ok(bytes) => whole.extend(bytes),
            Err(StreamError::Closed) => {
                return Ok(format!("status {status}: {}", String::from_utf8_lossy(&whole)));
            }
            Err(StreamError::LastOperationFailed(error)) => return Err(error.to_debug_string()),
        }
    }
}
