//! Which requests a fault happens to.

use super::fault::Fault;
use crate::http::Endpoint;

/// A fault, and the requests to which it happens.
#[derive(Clone, Debug)]
pub struct Rule {
    endpoint: Option<Endpoint>,
    first: u64,
    times: u64,
    fault: Fault,
}

impl Rule {
    /// The fault happens to the first request to this endpoint, once.
    #[must_use]
    pub fn on(endpoint: Endpoint, fault: Fault) -> Self {
        Self { endpoint: Some(endpoint), first: 1, times: 1, fault }
    }

    /// The fault happens to the first request of all, once.
    #[must_use]
    pub fn any(fault: Fault) -> Self {
        Self { endpoint: None, first: 1, times: 1, fault }
    }

    /// The fault happens to the `nth` request, counted from 1, instead of the
    /// first: of the endpoint, or of all.
    #[must_use]
    pub fn nth(mut self, nth: u64) -> Self {
        self.first = nth;
        self
    }

    /// The fault happens to so many consecutive requests.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = times;
        self
    }

    /// The fault happens to that request and all later ones.
    #[must_use]
    pub fn always(self) -> Self {
        self.times(u64::MAX)
    }

    /// The fault, if it happens to the request with these numbers.
    pub(crate) fn fault_for(
        &self,
        endpoint: Endpoint,
        of_endpoint: u64,
        overall: u64,
    ) -> Option<&Fault> {
        let number = match self.endpoint {
            None => overall,
            Some(only) if only == endpoint => of_endpoint,
            Some(_) => return None,
        };
        let behind = number.checked_sub(self.first)?;
        (behind < self.times).then_some(&self.fault)
    }
}
