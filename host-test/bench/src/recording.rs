//! A tenant's responses, kept: what is requested again needs no network.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use wasmtime_wasi_http::{RequestOptions, WasiBody, WasiHttpHooks};

use rawdash_host::transport::{Completion, Exchange, Transport};

/// Responses by path and query. Clones share one recording.
#[derive(Clone)]
pub struct Recording {
    kept: Arc<Mutex<BTreeMap<String, Response<Bytes>>>>,
    transport: Transport,
}

impl Recording {
    /// An empty one: what it lacks is requested through the transport.
    pub fn of(transport: Transport) -> Recording {
        Recording { kept: Arc::default(), transport }
    }

    /// The number of responses that are kept.
    pub fn responses(&self) -> usize {
        self.kept().len()
    }

    /// Bytes of all bodies.
    pub fn bytes(&self) -> usize {
        self.kept().values().map(|answer| answer.body().len()).sum()
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Response<Bytes>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WasiHttpHooks for Recording {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        completion: Completion,
    ) -> Box<dyn Future<Output = Exchange> + Send> {
        let path = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
        let kept = self.kept().get(&path).cloned();
        if let Some(answer) = kept {
            return Box::new(async move {
                // Dropping a body before its end breaks the stream of its writer.
                request.into_body().collect().await?;
                Ok(given(answer))
            });
        }
        let recording = self.clone();
        let exchange = Pin::from(self.transport.send_request(request, options, completion));
        Box::new(async move {
            let (head, body) = exchange.await?.0.into_parts();
            let answer = Response::from_parts(head, body.collect().await?.to_bytes());
            recording.kept().insert(path, answer.clone());
            Ok(given(answer))
        })
    }
}

fn given(answer: Response<Bytes>) -> (Response<WasiBody>, Completion) {
    let whole = |body| Full::new(body).map_err(|never| match never {}).boxed_unsync();
    (answer.map(whole), Box::new(std::future::ready(Ok(()))))
}
