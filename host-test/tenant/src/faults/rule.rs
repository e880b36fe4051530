//! Which requests a fault happens to.

use super::fault::Fault;
use crate::http::{Endpoint, Request};

/// A fault, and the requests to which it happens.
///
/// A rule counts the requests that it concerns: those to its endpoint, with
/// its parameter if it has one, since the start or since
/// [`State::forget_requests`](crate::State::forget_requests).
#[derive(Clone, Debug)]
pub struct Rule {
    endpoint: Option<Endpoint>,
    parameter: Option<(String, String)>,
    turns: Turns,
    pub(super) fault: Fault,
}

/// Which of the counted requests have the fault.
#[derive(Clone, Copy, Debug)]
enum Turns {
    Consecutive { first: u64, times: u64 },
    OneIn(u64),
}

impl Rule {
    /// The fault happens to the first request to this endpoint, once.
    #[must_use]
    pub fn on(endpoint: Endpoint, fault: Fault) -> Self {
        Self::new(Some(endpoint), fault)
    }

    /// The fault happens to the first request of all, once.
    #[must_use]
    pub fn any(fault: Fault) -> Self {
        Self::new(None, fault)
    }

    fn new(endpoint: Option<Endpoint>, fault: Fault) -> Self {
        let turns = Turns::Consecutive { first: 1, times: 1 };
        Self { endpoint, parameter: None, turns, fault }
    }

    /// Concerns only requests whose query parameter `name` contains `text`.
    #[must_use]
    pub fn with_parameter(mut self, name: &str, text: &str) -> Self {
        self.parameter = Some((name.to_owned(), text.to_owned()));
        self
    }

    /// The fault happens to the `nth` request, counted from 1, instead of the
    /// first.
    #[must_use]
    pub fn nth(mut self, nth: u64) -> Self {
        self.turns = Turns::Consecutive { first: nth, times: self.times_of() };
        self
    }

    /// The fault happens to so many consecutive requests.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.turns = Turns::Consecutive { first: self.first_of(), times };
        self
    }

    /// The fault happens to that request and all later ones.
    #[must_use]
    pub fn always(self) -> Self {
        self.times(u64::MAX)
    }

    /// The fault happens to every `requests`-th request.
    #[must_use]
    pub fn one_in(mut self, requests: u64) -> Self {
        self.turns = Turns::OneIn(requests);
        self
    }

    fn first_of(&self) -> u64 {
        match self.turns {
            Turns::Consecutive { first, .. } => first,
            Turns::OneIn(_) => 1,
        }
    }

    fn times_of(&self) -> u64 {
        match self.turns {
            Turns::Consecutive { times, .. } => times,
            Turns::OneIn(_) => 1,
        }
    }

    /// Whether the rule counts this request.
    pub(super) fn concerns(&self, request: &Request) -> bool {
        self.endpoint.is_none_or(|endpoint| endpoint == request.endpoint)
            && self.parameter.as_ref().is_none_or(|(name, text)| {
                request.parameter(name).is_some_and(|value| value.contains(text))
            })
    }

    /// Whether the fault happens to the `number`-th of the counted requests.
    pub(super) fn has_turn(&self, number: u64) -> bool {
        match self.turns {
            Turns::Consecutive { first, times } => {
                number.checked_sub(first).is_some_and(|after| after < times)
            }
            Turns::OneIn(requests) => number.is_multiple_of(requests),
        }
    }
}
