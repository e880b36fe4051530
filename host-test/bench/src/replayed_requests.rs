//! The requests of a sync, kept so that sending them can be measured alone.

use std::sync::{Arc, Mutex, PoisonError};

use http::request::Parts;
use http::{Method, Request};
use wasmtime_wasi_http::{RequestOptions, WasiBody, WasiHttpHooks};

use super::chain;
use super::measured::Measured;
use rawdash_host::transport::{Completion, Exchange, Transport};

/// A transport that keeps what it sends. Clones share it.
#[derive(Clone)]
pub struct ReplayedRequests {
    requests: Arc<Mutex<Vec<Parts>>>,
    transport: Transport,
}

impl ReplayedRequests {
    /// Sends through a transport.
    pub fn new(transport: Transport) -> ReplayedRequests {
        ReplayedRequests { requests: Arc::default(), transport }
    }

    /// Sends the requests without a body again, one after the other, and drops the
    /// answers.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn again(&mut self) -> Measured<()> {
        for head in self.take() {
            chain::send(&mut self.transport, head).await?;
        }
        Ok(())
    }

    fn take(&self) -> Vec<Parts> {
        std::mem::take(&mut *self.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl WasiHttpHooks for ReplayedRequests {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        completion: Completion,
    ) -> Box<dyn Future<Output = Exchange> + Send> {
        let (head, body) = request.into_parts();
        if head.method == Method::GET {
            self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(head.clone());
        }
        self.transport.send_request(Request::from_parts(head, body), options, completion)
    }
}
