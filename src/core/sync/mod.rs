//! How a sync proceeds: what is requested next, what a reply changes, what a
//! failure costs. No I/O and no clock: time and replies are arguments, so that
//! every rule is tested natively.

pub mod checkpoint;
pub mod deletions;
pub mod events;
pub mod failure;
pub mod lane_id;
pub mod page_outcome;
pub mod session;
pub mod stats;
pub mod users;

use crate::engine::timestamp::{MINUTE, Milliseconds};

/// How far Auth0's search index, and its log, may lag behind. The next full
/// sync repairs what a longer lag hides.
pub const OVERLAP: Milliseconds = 15 * MINUTE;
