//! Which things a source still has, where a list alone does not say so.

mod nominations;
mod tally;
mod unlisted;
mod witnesses;

pub use nominations::Nominations;
pub use tally::{Census, Tally};
pub use unlisted::Unlisted;
