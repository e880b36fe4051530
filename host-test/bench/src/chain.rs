//! Requests in a chain: the lower bound for any client.

use std::pin::Pin;
use std::time::{Duration, Instant};

use auth0_tenant::Announcement;
use http::Request;
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
    // Opens the connection.
    get(&mut transport, tenant).await?;
    let begun = Instant::now();
    for _ in 0..requests {
        get(&mut transport, tenant).await?;
    }
    Ok(begun.elapsed())
}

async fn get(transport: &mut Transport, tenant: &Announcement) -> Measured<()> {
    let empty = Empty::new().map_err(|never| match never {}).boxed_unsync();
    let request = Request::get(format!("https://{}/", tenant.domain)).body(empty)?;
    let completion = Box::new(std::future::ready(Ok(())));
    let exchange = transport.send_request(request, None, completion);
    let (response, _) = Pin::from(exchange).await?;
    response.into_body().collect().await?;
    Ok(())
}
