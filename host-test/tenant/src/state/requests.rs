//! The requests that a tenant received.

use super::State;
use crate::http::{Delivery, Request};

impl State {
    /// The requests since the start, or since they were forgotten.
    #[must_use]
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// Forgets the requests: the next one has number 1, for rules and
    /// scheduled changes as well.
    pub fn forget_requests(&mut self) {
        self.requests.clear();
        self.received = 0;
        self.rules.forget_requests();
    }

    /// The number of the request that is received now.
    pub(crate) fn receive(&mut self) -> u64 {
        self.received += 1;
        self.received
    }

    pub(crate) fn record(&mut self, mut request: Request, delivery: &Delivery) {
        if let Delivery::Send(answer, _) = delivery {
            request.status = Some(answer.status);
        }
        self.requests.push(request);
    }
}
