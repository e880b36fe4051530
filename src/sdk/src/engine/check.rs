//! Whether credentials and scopes suffice: the smallest request for each
//! resource, one after the other.

use crate::connector::Connector;
use crate::contract::failure::Failure;
use crate::engine::outgoing::Outgoing;
use crate::http::reply::Reply;
use crate::time::moment::Moment;

/// A check under way: [`Check::request`], its reply to [`Check::receive`], until
/// there is no request left.
pub struct Check<'a, C: Connector> {
    connector: &'a mut C,
}

impl<'a, C: Connector> Check<'a, C> {
    pub(crate) fn new(connector: &'a mut C, _now: Moment) -> Check<'a, C> {
        Check { connector }
    }

    /// The next request.
    pub fn request(&mut self) -> Option<Outgoing> {
        let _ = &self.connector;
        None
    }

    /// Takes the reply to it.
    pub fn receive(&mut self, reply: Reply) {
        let _ = reply;
    }

    /// The outcomes by resource, once there is nothing left to request.
    pub fn outcomes(self) -> Vec<(String, Result<(), Failure>)> {
        Vec::new()
    }
}
