//! What goes wrong in a tenant.

use super::State;
use crate::faults::{Rule, RuleId};

impl State {
    /// Adds a rule. If several apply to a request, the first one decides.
    pub fn fault(&mut self, rule: Rule) {
        self.switch_on(rule);
    }

    /// Adds a rule that [`switch_off`](Self::switch_off) removes again, such
    /// as an outage of one endpoint that lasts for several syncs:
    ///
    /// ```
    /// # use auth0_tenant::{Endpoint, Fault, Rule, State};
    /// # fn days(state: &mut State) {
    /// let outage = state.switch_on(Rule::on(Endpoint::Stats, Fault::Status(500)).always());
    /// // some syncs later
    /// state.switch_off(outage);
    /// # }
    /// ```
    pub fn switch_on(&mut self, rule: Rule) -> RuleId {
        self.rules.add(rule, &self.requests)
    }

    /// Removes a rule.
    pub fn switch_off(&mut self, rule: RuleId) {
        self.rules.remove(rule);
    }

    /// Removes all rules.
    pub fn clear_faults(&mut self) {
        self.rules.clear();
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
}
