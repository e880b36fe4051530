//! What goes wrong in a tenant, and when.

use super::State;
use crate::faults::Rule;
use crate::http::{Delivery, Request};

impl State {
    /// Adds a rule. If several apply to a request, the first one decides.
    pub fn fault(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    /// Removes all rules.
    pub fn clear_faults(&mut self) {
        self.rules.clear();
    }

    /// Makes a change just before the request with this number, counted from
    /// 1, is answered.
    pub fn at_request(&mut self, number: u64, change: impl FnOnce(&mut Self) + Send + 'static) {
        self.scheduled.push((number, Box::new(change)));
    }

    /// Resets the next connections before anything is read. Until then,
    /// answers ask the client to close its connection; a request on one that
    /// is still open counts as a connection.
    pub fn refuse_connections(&mut self, connections: u64) {
        self.refusals = connections;
    }

    /// Counts a connection or a request that is refused.
    pub(crate) fn refuses(&mut self) -> bool {
        let refuses = self.refusals > 0;
        self.refusals = self.refusals.saturating_sub(1);
        refuses
    }

    pub(crate) fn run_scheduled(&mut self, number: u64) {
        while let Some(at) = self.scheduled.iter().position(|(due, _)| *due == number) {
            let (_, change) = self.scheduled.remove(at);
            change(self);
        }
    }

    pub(crate) fn record(&mut self, mut request: Request, delivery: &Delivery) {
        if let Delivery::Send(answer, _) = delivery {
            request.status = Some(answer.status);
        }
        self.requests.push(request);
    }
}
