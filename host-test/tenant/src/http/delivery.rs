//! How an answer is sent, or that it is not.

use super::answer::Answer;

/// How an answer is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// The connection is reset.
    Reset,
    /// Nothing is sent, and the connection stays open.
    Silence,
    Send(Answer, Pace),
}

/// How the body of an answer is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    Whole,
    ByteByByte,
    ResetAfter(usize),
    StallAfter(usize),
    Padded(u64),
}
