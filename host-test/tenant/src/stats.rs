//! Daily statistics: sparse, and updated later than the events they count.

mod daily;
mod window;

pub use daily::DailyStats;
pub(crate) use daily::{Counted, FixedDays, daily};
pub(crate) use window::list;
