//! The recorded responses of one run, to be replayed without a network.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use rawdash_host::transport::{Completion, Exchange};

/// Responses by path and query. Clones share one recording.
#[derive(Clone, Default)]
pub struct Recording(Arc<Mutex<BTreeMap<String, Response<Bytes>>>>);

impl Recording {
    /// A transport that sends through another one and records the responses.
    pub fn of<T>(&self, transport: T) -> Recorder<T> {
        Recorder { recording: self.clone(), transport }
    }

    /// A transport that returns the recorded responses at once.
    pub fn player(&self) -> Player {
        Player(self.clone())
    }

    /// Bytes of all bodies.
    pub fn bytes(&self) -> usize {
        self.answers().values().map(|answer| answer.body().len()).sum()
    }

    fn answers(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Response<Bytes>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// See [`Recording::of`].
pub struct Recorder<T> {
    recording: Recording,
    transport: T,
}

impl<T: WasiHttpHooks> WasiHttpHooks for Recorder<T> {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        completion: Completion,
    ) -> Box<dyn Future<Output = Exchange> + Send> {
        let path = path(&request);
        let recording = self.recording.clone();
        let exchange = Pin::from(self.transport.send_request(request, options, completion));
        Box::new(async move {
            let (head, body) = exchange.await?.0.into_parts();
            let answer = Response::from_parts(head, body.collect().await?.to_bytes());
            recording.answers().insert(path, answer.clone());
            Ok(given(answer))
        })
    }
}

/// See [`Recording::player`].
pub struct Player(Recording);

impl WasiHttpHooks for Player {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Completion,
    ) -> Box<dyn Future<Output = Exchange> + Send> {
        let answer = self.0.answers().get(&path(&request)).cloned();
        Box::new(async move {
            // Dropping a body before its end breaks the stream of its writer.
            request.into_body().collect().await?;
            answer.map(given).ok_or(Error::DestinationNotFound)
        })
    }
}

fn path(request: &Request<WasiBody>) -> String {
    request.uri().path_and_query().map_or_else(String::new, ToString::to_string)
}

fn given(answer: Response<Bytes>) -> (Response<WasiBody>, Completion) {
    let whole = |body| Full::new(body).map_err(|never| match never {}).boxed_unsync();
    (answer.map(whole), Box::new(std::future::ready(Ok(()))))
}
