//! The body of an answer while it is sent.

use super::delivery::Pace;
use super::wire::Switch;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The most bytes that are sent at once.
const PIECE: usize = 16 * 1024;

/// Called when an answer stalls.
pub(crate) type OnStall = Arc<dyn Fn() + Send + Sync>;

/// One step of sending a body.
enum Step {
    Data(Bytes),
    ByteByByte(Bytes),
    Spaces(u64),
    /// Waits until what was sent before has left the buffers.
    Flush,
    Reset,
    Stall(Option<OnStall>),
}

/// A body that is sent step by step.
pub(crate) struct Outgoing {
    steps: VecDeque<Step>,
    /// The announced length; without one the body is chunked.
    length: Option<u64>,
    switch: Switch,
}

impl Outgoing {
    pub(crate) fn new(
        body: Bytes,
        pace: Pace,
        chunked: bool,
        switch: Switch,
        on_stall: Option<OnStall>,
    ) -> Self {
        let mut length = body.len() as u64;
        let mut steps = VecDeque::new();
        match pace {
            Pace::Whole => pieces(body, &mut steps),
            Pace::ByteByByte => steps.push_back(Step::ByteByByte(body)),
            Pace::Padded(bytes) => {
                length += bytes;
                pieces(body, &mut steps);
                steps.push_back(Step::Spaces(bytes));
            }
            Pace::ResetAfter(after) => {
                pieces(front(body, after), &mut steps);
                steps.extend([Step::Flush, Step::Reset]);
            }
            Pace::StallAfter(after) => {
                pieces(front(body, after), &mut steps);
                steps.extend([Step::Flush, Step::Stall(on_stall)]);
            }
        }
        Self { steps, length: (!chunked).then_some(length), switch }
    }
}

/// At most all of the body but its last byte: an answer that breaks off must
/// not be complete.
fn front(body: Bytes, after: usize) -> Bytes {
    let end = after.min(body.len().saturating_sub(1));
    body.slice(..end)
}

fn pieces(mut body: Bytes, steps: &mut VecDeque<Step>) {
    while !body.is_empty() {
        let piece = body.split_to(PIECE.min(body.len()));
        steps.push_back(Step::Data(piece));
    }
}

/// The connection was reset on purpose.
#[derive(Debug)]
pub(crate) struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the connection is reset on purpose")
    }
}

impl std::error::Error for Broken {}

impl http_body::Body for Outgoing {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let sent = |data: Bytes| Poll::Ready(Some(Ok(Frame::data(data))));
        match self.steps.pop_front() {
            None => Poll::Ready(None),
            Some(Step::Data(data)) => sent(data),
            Some(Step::ByteByByte(mut rest)) => {
                if rest.is_empty() {
                    return Poll::Ready(None);
                }
                let byte = rest.split_to(1);
                if !rest.is_empty() {
                    self.steps.extend([Step::Flush, Step::ByteByByte(rest)]);
                }
                sent(byte)
            }
            Some(Step::Spaces(left)) => {
                let now = left.min(PIECE as u64);
                if left > now {
                    self.steps.push_front(Step::Spaces(left - now));
                }
                sent(Bytes::from(vec![b' '; usize::try_from(now).unwrap_or(0)]))
            }
            Some(Step::Flush) => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Step::Reset) => {
                self.switch.reset();
                Poll::Ready(Some(Err(Broken)))
            }
            Some(Step::Stall(on_stall)) => {
                if let Some(call) = on_stall {
                    call();
                }
                self.steps.push_front(Step::Stall(None));
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.steps.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
