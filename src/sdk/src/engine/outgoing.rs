//! What the caller of the engine does next.

use crate::contract::failure::Failure;
use crate::contract::step::Step;
use crate::http::request::Request;
use crate::time::instant::Instant;

/// A request to send: with its credentials, and to a host.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Identifies the reply.
    pub ticket: u64,
    /// The host.
    pub host: String,
    /// The request, with the headers of authentication.
    pub request: Request,
}

/// What the caller of the engine does next.
#[derive(Clone, Debug, PartialEq)]
pub enum Turn {
    /// Returns this step.
    Step(Step),
    /// Ends the call with this failure.
    Failed(Failure),
    /// Waits for a reply, until an instant at the latest, and takes another turn.
    Await(Option<Instant>),
}
