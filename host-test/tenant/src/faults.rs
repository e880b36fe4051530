//! What can go wrong with an answer, and to which requests it happens.

mod apply;
mod fault;
mod rule;
mod rules;

pub(crate) use apply::apply;
pub use fault::Fault;
pub use rule::Rule;
pub use rules::RuleId;
pub(crate) use rules::Rules;
