//! One request over HTTP, and its response.

use super::route;
use super::shared::Shared;
use crate::http::{Broken, Delivery, Incoming, Outgoing, Switch};
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming as RequestBody;
use std::sync::Arc;
use std::time::Duration;

/// The most bytes of a request's body that are read.
const LONGEST_BODY: usize = 64 * 1024;

/// Answers a request.
pub(super) async fn exchange(
    request: Request<RequestBody>,
    connection: u64,
    shared: Arc<Shared>,
    switch: Switch,
) -> Result<Response<Outgoing>, Broken> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, LONGEST_BODY).collect().await.map_err(|_| Broken)?.to_bytes();
    let text = |name: HeaderName| text(&head.headers, &name);
    let incoming = Incoming {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        host: text(HOST).unwrap_or_default(),
        authorization: text(AUTHORIZATION),
        content_type: text(CONTENT_TYPE).unwrap_or_default(),
        accepts_gzip: text(ACCEPT_ENCODING).is_some_and(|value| value.contains("gzip")),
        body: body.to_vec(),
        connection,
    };
    let way = shared.state().options.latency / 2;
    travel(way).await;
    let (delivery, served) = {
        let mut state = shared.state();
        let delivery = route::serve(&mut state, &incoming);
        (delivery, state.requests().len())
    };
    travel(way).await;
    match delivery {
        Delivery::Reset => {
            switch.reset();
            Err(Broken)
        }
        Delivery::Silence => {
            if let Some(call) = shared.on_stall() {
                call();
            }
            std::future::pending().await
        }
        Delivery::Send(answer, pace) => {
            // Clients must handle both framings, so these alternate.
            let chunked = answer.status == 200 && served % 2 == 1;
            let body = Outgoing::new(answer.body, pace, chunked, switch, shared.on_stall());
            let mut response = Response::new(body);
            *response.status_mut() =
                StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            for (name, value) in answer.headers {
                let name = HeaderName::from_bytes(name.as_bytes());
                let value = HeaderValue::from_bytes(value.as_bytes());
                if let (Ok(name), Ok(value)) = (name, value) {
                    response.headers_mut().append(name, value);
                }
            }
            Ok(response)
        }
    }
}

async fn travel(way: Duration) {
    // A sleep of no time would still wait for the next millisecond.
    if !way.is_zero() {
        tokio::time::sleep(way).await;
    }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(value.to_owned())
}
