//! The body of a request, taken from the component, and the body of a response
//! on its way to it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use wasmtime_wasi_http::{Error, WasiBody};

use super::Traffic;
use super::failure;
use super::inflate::Inflate;
use crate::clock::SharedClock;

type Polled = Poll<Option<Result<Frame<Bytes>, Error>>>;

/// The whole body of a request. Bytes beyond the limit are read and discarded, so
/// that the component sees the right error.
pub(super) async fn take(mut body: WasiBody, limit: usize) -> Result<Bytes, Error> {
    let mut taken = BytesMut::new();
    let mut too_long = false;
    while let Some(frame) = body.frame().await {
        let data = frame?.into_data().unwrap_or_default();
        too_long |= taken.len() + data.len() > limit;
        if !too_long {
            taken.extend_from_slice(&data);
        }
    }
    if too_long {
        return Err(Error::HttpRequestBodySize(Some(limit as u64)));
    }
    Ok(taken.freeze())
}

/// A body with a deadline for all of it and a timeout for each piece.
pub(super) struct Within {
    body: Incoming,
    clock: SharedClock,
    end: Duration,
    between_bytes: Option<Duration>,
    /// The wait for the next piece; `None` between two pieces.
    late: Option<BoxFuture<'static, ()>>,
}

impl Within {
    pub(super) fn new(
        body: Incoming,
        clock: SharedClock,
        end: Duration,
        between_bytes: Option<Duration>,
    ) -> Self {
        Within { body, clock, end, between_bytes, late: None }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Polled {
        // A piece that has arrived counts even if the deadline has passed: the
        // component may not have been called for long.
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            self.late = None;
            return Poll::Ready(
                frame.map(|frame| frame.map_err(|error| failure::of_hyper(&error))),
            );
        }
        let (clock, end, between) = (&self.clock, self.end, self.between_bytes);
        let late = self.late.get_or_insert_with(|| {
            let piece = between.map(|span| clock.monotonic().saturating_add(span));
            clock.wait_until(piece.map_or(end, |piece| piece.min(end)))
        });
        ready!(late.as_mut().poll(context));
        Poll::Ready(Some(Err(Error::ConnectionReadTimeout)))
    }
}

/// A body as the component reads it: inflated, counted, limited.
pub(super) struct Answer {
    body: Within,
    inflate: Option<Inflate>,
    limit: u64,
    handed_on: u64,
    traffic: Traffic,
    ended: bool,
}

impl Answer {
    pub(super) fn new(body: Within, gzip: bool, limit: u64, traffic: Traffic) -> Self {
        let inflate = gzip.then(Inflate::new);
        Answer { body, inflate, limit, handed_on: 0, traffic, ended: false }
    }

    fn data(&mut self, received: Bytes) -> Result<Bytes, Error> {
        self.traffic.count_received(received.len());
        let room = self.limit.saturating_sub(self.handed_on);
        let data = match &mut self.inflate {
            Some(inflate) => inflate.push(&received, room)?,
            None => received,
        };
        self.within_limit(data)
    }

    fn rest(&mut self) -> Result<Bytes, Error> {
        let rest = match &mut self.inflate {
            Some(inflate) => inflate.finish()?,
            None => Bytes::new(),
        };
        self.within_limit(rest)
    }

    fn within_limit(&mut self, data: Bytes) -> Result<Bytes, Error> {
        self.handed_on = self.handed_on.saturating_add(data.len() as u64);
        if self.handed_on > self.limit {
            return Err(Error::HttpResponseBodySize(Some(self.limit)));
        }
        Ok(data)
    }

    fn end(&mut self) -> Polled {
        self.ended = true;
        match self.rest() {
            Ok(rest) if rest.is_empty() => Poll::Ready(None),
            Ok(rest) => Poll::Ready(Some(Ok(Frame::data(rest)))),
            Err(error) => Poll::Ready(Some(Err(error))),
        }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Polled {
        let this = &mut *self;
        while !this.ended {
            let Some(frame) = ready!(this.body.poll(context)) else {
                return this.end();
            };
            // Trailers are dropped: they could set headers that are not allowed.
            let data = match frame.map(Frame::into_data) {
                Ok(Ok(data)) => this.data(data),
                Ok(Err(_trailers)) => continue,
                Err(error) => Err(error),
            };
            match data {
                // The gzip header alone yields no bytes.
                Ok(data) if data.is_empty() => continue,
                Ok(data) => return Poll::Ready(Some(Ok(Frame::data(data)))),
                Err(error) => {
                    this.ended = true;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
        Poll::Ready(None)
    }
}
