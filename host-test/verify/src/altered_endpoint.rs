//! A source of which one endpoint answers differently.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use rawdash_host::transport::{Completion, Exchange, Transport};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::alteration::Alteration;
use super::endpoint::is_at_or_below;

const PAGE: &str = "<!doctype html><title>Maintenance</title><p>We will be back soon.</p>";

/// Alters the answers at a path and below it, and passes on all others.
pub(super) struct AlteredEndpoint {
    transport: Transport,
    path: String,
    alteration: Alteration,
}

impl AlteredEndpoint {
    pub(super) fn new(
        transport: Transport,
        path: &str,
        alteration: &Alteration,
    ) -> AlteredEndpoint {
        AlteredEndpoint { transport, path: path.to_owned(), alteration: alteration.clone() }
    }
}

impl WasiHttpHooks for AlteredEndpoint {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        completion: Completion,
    ) -> Box<dyn Future<Output = Exchange> + Send> {
        if !is_at_or_below(request.uri().path(), &self.path) {
            return self.transport.send_request(request, options, completion);
        }
        match self.alteration.clone() {
            Alteration::Down => Box::new(async { Ok(down()) }),
            Alteration::Page => Box::new(async { Ok(page()) }),
            alteration => {
                let exchange = self.transport.send_request(request, options, completion);
                let exchange = Box::into_pin(exchange);
                Box::new(async move {
                    let (response, completion) = exchange.await?;
                    Ok((altered(response, &alteration).await?, completion))
                })
            }
        }
    }
}

fn answer(body: impl Into<Bytes>) -> Response<WasiBody> {
    let body = Full::new(body.into()).map_err(|never| match never {});
    Response::new(body.boxed_unsync())
}

fn completed(response: Response<WasiBody>) -> (Response<WasiBody>, Completion) {
    (response, Box::new(std::future::ready(Ok(()))))
}

fn down() -> (Response<WasiBody>, Completion) {
    let mut response = answer("");
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    completed(response)
}

fn page() -> (Response<WasiBody>, Completion) {
    let mut response = answer(PAGE);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    completed(response)
}

async fn altered(
    response: Response<WasiBody>,
    alteration: &Alteration,
) -> Result<Response<WasiBody>, Error> {
    let (mut head, body) = response.into_parts();
    let body = body.collect().await?.to_bytes();
    let body = alteration.apply(&body).map_or(body, Bytes::from);
    head.headers.remove(CONTENT_LENGTH);
    let (_, body) = answer(body).into_parts();
    Ok(Response::from_parts(head, body))
}
