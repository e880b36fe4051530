//! What can go wrong with an answer, and to which requests it happens.

mod apply;
mod fault;
mod rule;

pub(crate) use apply::apply;
pub use fault::Fault;
pub use rule::Rule;
