//! One request and its response, over `wasi:http`.

use serde::de::DeserializeOwned;
use wasi::clocks::monotonic_clock;
use wasi::http::outgoing_handler::handle;
use wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, OutgoingRequest, Scheme,
};
use wasi::io::poll::{Pollable, poll};
use wasi::io::streams::StreamError;

use crate::contract::Failure;

/// Nanoseconds from the request to the last byte of the response.
const PATIENCE: u64 = 30_000_000_000;

/// A request in flight. It continues while the component is not called: send it in
/// one step, and read the response in the next.
///
/// ```no_run
/// use bare_contract::contract::Failure;
/// use bare_contract::http::Exchange;
///
/// fn names(host: &str, key: &str) -> Result<Vec<String>, Failure> {
///     let authorization = format!("Bearer {key}");
///     Exchange::get(host, "/names", &[("authorization", &authorization)])?.json()
/// }
/// ```
pub struct Exchange {
    // Fields drop in this order, and a child must be dropped before its parent.
    ready: Pollable,
    response: FutureIncomingResponse,
    deadline: Pollable,
}

impl Exchange {
    /// Sends `GET https://HOST/PATH` with these headers. Fails as `transient` if the
    /// host does not send it: HOST must be among the manifest's origins.
    pub fn get(host: &str, path: &str, headers: &[(&str, &str)]) -> Result<Exchange, Failure> {
        let named = |(name, value): &(&str, &str)| ((*name).to_owned(), value.as_bytes().to_vec());
        let headers: Vec<_> = headers.iter().map(named).collect();
        let headers = Fields::from_list(&headers).map_err(transient)?;
        let request = OutgoingRequest::new(headers);
        let refused = |()| transient("the host name or path cannot be sent");
        request.set_scheme(Some(&Scheme::Https)).map_err(refused)?;
        request.set_authority(Some(host)).map_err(refused)?;
        request.set_path_with_query(Some(path)).map_err(refused)?;
        let response = handle(request, None).map_err(transient)?;
        let ready = response.subscribe();
        Ok(Exchange { ready, response, deadline: monotonic_clock::subscribe_duration(PATIENCE) })
    }

    /// Waits for the answer so many milliseconds; returns whether it began.
    pub fn begins_within(&self, milliseconds: u32) -> bool {
        let patience = monotonic_clock::subscribe_duration(u64::from(milliseconds) * 1_000_000);
        poll(&[&self.ready, &patience]).contains(&0)
    }

    /// Waits for the answer, at most 30 seconds from the request on: its status
    /// and its body. Fails as `transient` when it does not come, or not whole; as
    /// `untrusted` when the server's certificate is refused.
    pub fn finish(self) -> Result<(u16, Vec<u8>), Failure> {
        let late = || transient("no complete response arrived within 30 seconds");
        // A response that has arrived counts even if the deadline has passed: the
        // host may have stored for a minute.
        if !poll(&[&self.ready, &self.deadline]).contains(&0) {
            return Err(late());
        }
        let answer = self.response.get().ok_or_else(late)?;
        let response = answer.map_err(|()| late())?.map_err(broken)?;
        let status = response.status();
        let body = response.consume().map_err(|()| late())?;
        Ok((status, self.read(&body)?))
    }

    /// Waits for a response that is a JSON document. A status other than 200 becomes
    /// the contract's failure for it, with a `retry_after` of a minute for 429; a body
    /// that is not such a document fails as `upstream`.
    pub fn json<Document: DeserializeOwned>(self) -> Result<Document, Failure> {
        let (status, body) = self.finish()?;
        let (kind, what) = match status {
            200 => {
                let unreadable = |error| format!("the source's response cannot be read: {error}");
                let document = serde_json::from_slice(&body).map_err(unreadable);
                return document.map_err(|message| Failure::new("upstream", message));
            }
            401 => ("authentication", "check the credentials"),
            403 => ("permission", "grant the permission that the source requires"),
            429 => ("rate-limited", "wait"),
            500.. => ("transient", "try later"),
            _ => ("upstream", "check the source"),
        };
        let failure = Failure::new(kind, format!("the source responded {status}: {what}"));
        let retry_after = (status == 429).then_some(60_000);
        Err(Failure { status: Some(status), retry_after, ..failure })
    }

    fn read(&self, body: &IncomingBody) -> Result<Vec<u8>, Failure> {
        let stream = body.stream().map_err(|()| transient("the body was read before"))?;
        let more = stream.subscribe();
        let mut read = Vec::new();
        loop {
            if !poll(&[&more, &self.deadline]).contains(&0) {
                return Err(transient("the response stopped in the middle"));
            }
            match stream.read(64 * 1024) {
                Ok(bytes) => read.extend(bytes),
                Err(StreamError::Closed) => return Ok(read),
                Err(StreamError::LastOperationFailed(error)) => {
                    return Err(transient(error.to_debug_string()));
                }
            }
        }
    }
}

/// The failure for an error of the host. A refused certificate is refused at every
/// attempt; any other error may not recur.
fn broken(error: ErrorCode) -> Failure {
    match error {
        ErrorCode::TlsCertificateError => Failure::new(
            "untrusted",
            "could not verify the identity of the source, and nothing was sent: check the host \
             name, this machine's clock and the certificate authorities that it trusts",
        ),
        other => transient(other),
    }
}

/// A failed exchange; a later one may succeed.
fn transient(what: impl std::fmt::Debug) -> Failure {
    Failure::new("transient", format!("the source could not be reached ({what:?}): try later"))
}
