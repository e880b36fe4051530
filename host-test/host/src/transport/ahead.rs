//! The first part of a body, read before the component hears of the answer: it is
//! then woken once for an answer, and not for each piece of it.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime_wasi_http::{Error, WasiBody};

/// Bytes that are read ahead; a page of a hundred rows has less.
const MOST: usize = 256 * 1024;

/// Reads a body ahead, to its end if it is short. Its deadlines are its own.
pub(super) async fn read_ahead(mut body: WasiBody, permit: OwnedSemaphorePermit) -> WasiBody {
    let (mut first, mut joined) = (Bytes::new(), BytesMut::new());
    let rest = loop {
        match body.frame().await.map(|frame| frame.map(Frame::into_data)) {
            None => break Rest::End,
            Some(Err(error)) => break Rest::Broken(error),
            Some(Ok(Err(_trailers))) => {}
            // A single piece is handed on as it is.
            Some(Ok(Ok(data))) if first.is_empty() => first = data,
            Some(Ok(Ok(data))) => {
                if joined.is_empty() {
                    joined.extend_from_slice(&first);
                }
                joined.extend_from_slice(&data);
            }
        }
        if first.len().max(joined.len()) >= MOST {
            break Rest::Body(body);
        }
    };
    let read = if joined.is_empty() { first } else { joined.freeze() };
    Ahead { read, rest, permit: Some(permit) }.boxed_unsync()
}

/// What was read ahead, and what follows it.
struct Ahead {
    read: Bytes,
    rest: Rest,
    /// Held until the component has read or dropped the body: until then the request
    /// is under way, and its memory taken.
    permit: Option<OwnedSemaphorePermit>,
}

enum Rest {
    End,
    Broken(Error),
    Body(WasiBody),
}

impl Body for Ahead {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if !self.read.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.read)))));
        }
        let polled = match &mut self.rest {
            Rest::Body(body) => Pin::new(body).poll_frame(context),
            rest => match std::mem::replace(rest, Rest::End) {
                Rest::Broken(error) => Poll::Ready(Some(Err(error))),
                Rest::End | Rest::Body(_) => Poll::Ready(None),
            },
        };
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.permit = None;
        }
        polled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::StreamBody;
    use std::sync::Arc;
    use tokio::sync::Semaphore;

    async fn ahead_of(pieces: Vec<Result<Bytes, Error>>) -> Vec<Result<usize, ()>> {
        let pieces = pieces.into_iter().map(|piece| piece.map(Frame::data));
        let body = StreamBody::new(futures::stream::iter(pieces)).boxed_unsync();
        let permit = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        let mut body = read_ahead(body, permit).await;
        let mut handed_on = Vec::new();
        while let Some(frame) = body.frame().await {
            handed_on.push(frame.map(|frame| frame.into_data().unwrap().len()).map_err(drop));
        }
        handed_on
    }

    #[tokio::test]
    async fn pieces_arrive_as_one_and_what_breaks_off_arrives_before_the_error() {
        let piece = |bytes: usize| Ok(Bytes::from(vec![b'x'; bytes]));
        let broken = || Err(Error::ConnectionTerminated);
        assert_eq!(ahead_of(vec![]).await, []);
        assert_eq!(ahead_of(vec![piece(7)]).await, [Ok(7)]);
        assert_eq!(ahead_of(vec![piece(7), piece(8), piece(9)]).await, [Ok(24)]);
        assert_eq!(ahead_of(vec![broken()]).await, [Err(())]);
        assert_eq!(ahead_of(vec![piece(7), piece(8), broken()]).await, [Ok(15), Err(())]);
    }

    #[tokio::test]
    async fn no_more_is_read_ahead_than_is_held() {
        let piece = || Ok(Bytes::from(vec![b'x'; MOST / 2 + 1]));
        let handed_on = ahead_of(vec![piece(), piece(), piece()]).await;
        assert_eq!(handed_on, [Ok(MOST + 2), Ok(MOST / 2 + 1)]);
    }
}
