//! The rules of a tenant, with what they have counted.

use super::fault::Fault;
use super::rule::Rule;
use crate::http::Request;

/// A rule of a tenant, by which it can be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleId(u64);

/// The rules in the order in which they were added.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    counted: Vec<Counted>,
    added: u64,
}

#[derive(Debug)]
struct Counted {
    id: RuleId,
    rule: Rule,
    requests: u64,
}

impl Rules {
    /// Adds a rule, which also counts the earlier `requests`.
    pub(crate) fn add(&mut self, rule: Rule, requests: &[Request]) -> RuleId {
        let id = RuleId(self.added);
        self.added += 1;
        let requests = requests.iter().filter(|request| rule.concerns(request)).count() as u64;
        self.counted.push(Counted { id, rule, requests });
        id
    }

    pub(crate) fn remove(&mut self, id: RuleId) {
        self.counted.retain(|counted| counted.id != id);
    }

    pub(crate) fn clear(&mut self) {
        self.counted.clear();
    }

    /// Lets every rule count from the beginning.
    pub(crate) fn forget_requests(&mut self) {
        self.counted.iter_mut().for_each(|counted| counted.requests = 0);
    }

    /// Counts a request, and returns the fault that happens to it: that of the
    /// first rule whose turn it is.
    pub(crate) fn fault_for(&mut self, request: &Request) -> Option<Fault> {
        let mut fault = None;
        for counted in self.counted.iter_mut().filter(|counted| counted.rule.concerns(request)) {
            counted.requests += 1;
            if fault.is_none() && counted.rule.has_turn(counted.requests) {
                fault = Some(counted.rule.fault.clone());
            }
        }
        fault
    }
}
