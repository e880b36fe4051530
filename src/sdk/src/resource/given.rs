//! What a resource is given for a request.

use crate::contract::failure::{Failure, FailureKind};
use crate::http::reply::{Answer, Head};
use crate::resource::page_outcome::Received;

/// What the request of a lane led to.
#[derive(Clone, Copy, Debug)]
pub enum Given<'a> {
    /// An answer that was granted.
    Granted(&'a Answer),
    /// An answer that was granted, and whose body is too large to be read.
    TooLarge(&'a Head),
    /// The source took too long: requesting less may help.
    TooSlow,
    /// The source refuses the request, and would again.
    Refused(&'a Failure),
    /// All attempts at the request failed; `head` is that of the last answer,
    /// where there was one.
    Exhausted {
        /// The last failure.
        trouble: &'a Trouble,
        /// Status and headers of the last answer.
        head: Option<&'a Head>,
    },
}

impl<'a> Given<'a> {
    /// The answer, if it was granted and can be read.
    pub fn granted(self) -> Option<&'a Answer> {
        match self {
            Given::Granted(answer) => Some(answer),
            _ => None,
        }
    }

    /// What anything but an answer leads to where a resource knows no better:
    /// another attempt, and when all have failed, postponement.
    pub fn otherwise(self) -> Received {
        match self {
            Given::Granted(_) => Received::unreadable("an answer could not be read"),
            Given::TooLarge(_) => Received::unreadable("an answer was too large"),
            Given::TooSlow => Received::Attempt(Trouble {
                kind: FailureKind::Transient,
                cause: Cause::TooSlow,
                what: "the source took too long".to_owned(),
                status: None,
            }),
            Given::Refused(failure) => Received::Fail(failure.clone()),
            Given::Exhausted { .. } => Received::Postpone,
        }
    }
}

/// Why an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// `RateLimited` or `Transient`.
    pub kind: FailureKind,
    /// Whose fault it seems to be.
    pub cause: Cause,
    /// One clause: what happened.
    pub what: String,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
}

/// Whose fault a failed attempt seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The source or the network is unavailable.
    Outage,
    /// The source took too long, however little was requested.
    TooSlow,
    /// What was answered cannot be read: requesting something else may help.
    Unreadable,
}
