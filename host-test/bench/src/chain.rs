//! Requests in a chain: the lower bound for any client.

use std::pin::Pin;
use std::time::{Duration, Instant};

use auth0_tenant::Announcement;
use http::Request;
use http::request::Parts;
use http_body_util::{BodyExt, Empty};
use wasmtime_wasi_http::WasiHttpHooks;

use super::measured::Measured;
use super::workload::{settings, transport};
use rawdash_host::transport::Transport;

/// The time of this many requests over one connection, each sent after the response
/// to the previous one.
///
/// # Errors
/// When the tenant cannot be reached.
pub async fn of(tenant: &Announcement, requests: u32) -> Measured<Duration> {
    let mut transport = transport(&settings(tenant, &[], 1.0)?)?;
    let (head, ()) = Request::get(format!("https://{}/", tenant.domain)).body(())?.into_parts();
    // Opens the connection.
    send(&mut transport, head.clone()).await?;
    let begun = Instant::now();
    for _ in 0..requests {
        send(&mut transport, head.clone()).await?;
    }
    Ok(begun.elapsed())
}

/// Sends a request without a body, and drops the answer once it is complete.
pub(super) async fn send(transport: &mut Transport, head: Parts) -> Measured<()> {
    let empty = Empty::new().map_err(|never| match never {}).boxed_unsync();
    let completion = Box::new(std::future::ready(Ok(())));
    let exchange = transport.send_request(Request::from_parts(head, empty), None, completion);
    let (response, _) = Pin::from(exchange).await?;
    response.into_body().collect().await?;
    Ok(())
}
