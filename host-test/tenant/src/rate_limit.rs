//! Rate limits, as each Auth0 plan has them.

mod bucket;
mod limiter;
mod plan;

pub(crate) use bucket::Allowance;
pub(crate) use limiter::RateLimiter;
pub use plan::{Limit, Limits, Plan, Refill, UnknownPlan};
