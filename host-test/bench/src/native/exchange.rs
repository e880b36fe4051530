//! One exchange, from the engine's request to its reply.

use std::pin::Pin;

use auth0_connector::Auth0;
use bytes::Bytes;
use http::Method as HttpMethod;
use http::header::{ACCEPT, USER_AGENT};
use http_body_util::{BodyExt, Full};
use rawdash_connector_sdk::connector::Connector;
use rawdash_connector_sdk::engine::outgoing::Outgoing;
use rawdash_connector_sdk::http::reply::{Answer, Broken, Head, Reply};
use rawdash_connector_sdk::http::request::Method;
use wasmtime_wasi_http::{WasiBody, WasiHttpHooks};

/// Begins an exchange; the future waits for all of the reply.
pub(super) fn begin(
    hooks: &mut dyn WasiHttpHooks,
    sent: Outgoing,
) -> Pin<Box<dyn Future<Output = Reply> + Send>> {
    let completion = Box::new(std::future::ready(Ok(())));
    match request(sent) {
        Err(error) => Box::pin(std::future::ready(broken(&error))),
        Ok(request) => {
            let exchange = Pin::from(hooks.send_request(request, None, completion));
            Box::pin(async move {
                match exchange.await {
                    Ok((response, _)) => receive(response).await,
                    Err(error) => broken(&error),
                }
            })
        }
    }
}

fn request(sent: Outgoing) -> http::Result<http::Request<WasiBody>> {
    let wanted = sent.request;
    let mut request = http::Request::builder()
        .method(method(wanted.method))
        .uri(format!("https://{}{}", sent.host, wanted.path))
        .header(ACCEPT, "application/json")
        .header(USER_AGENT, Auth0::identity().user_agent);
    for (name, value) in &wanted.headers {
        request = request.header(name, value);
    }
    let body = Full::new(Bytes::from(wanted.body)).map_err(|never| match never {});
    request.body(body.boxed_unsync())
}

fn method(method: Method) -> HttpMethod {
    match method {
        Method::Get => HttpMethod::GET,
        Method::Head => HttpMethod::HEAD,
        Method::Post => HttpMethod::POST,
        Method::Put => HttpMethod::PUT,
        Method::Patch => HttpMethod::PATCH,
        Method::Delete => HttpMethod::DELETE,
    }
}

async fn receive(response: http::Response<WasiBody>) -> Reply {
    let (head, body) = response.into_parts();
    let lines = head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let head = Head::read(head.status.as_u16(), lines);
    match body.collect().await {
        Ok(body) => Reply::Answer(Answer::new(head, body.to_bytes().into())),
        Err(error) => broken(&error),
    }
}

fn broken(error: &dyn std::fmt::Display) -> Reply {
    Reply::Broken(Broken::Connection(error.to_string()))
}
