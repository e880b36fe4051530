//! The driver as a server.

use std::io::{Read, Write};

use wasi::exports::http::incoming_handler::Guest;
use wasi::http::types::{
    Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

use crate::{Driver, job};

impl Guest for Driver {
    fn handle(request: IncomingRequest, response_out: ResponseOutparam) {
        let text = body(&request).unwrap_or_default();
        let response = OutgoingResponse::new(Fields::new());
        let Ok(body) = response.body() else { return };
        ResponseOutparam::set(response_out, Ok(response));
        let Ok(mut stream) = body.write() else { return };
        for line in job::lines(&text) {
            if stream.write_all(line.as_bytes()).is_err() {
                return;
            }
        }
        drop(stream);
        let _ = OutgoingBody::finish(body, None);
    }
}

fn body(request: &IncomingRequest) -> Option<String> {
    let body = request.consume().ok()?;
    let mut text = String::new();
    body.stream().ok()?.read_to_string(&mut text).ok()?;
    Some(text)
}
