//! Which things a source still has, where a list alone does not say so.

mod nominations;
mod witnesses;

pub use nominations::Nominations;
pub use witnesses::{Witnesses, is_suspicious};
