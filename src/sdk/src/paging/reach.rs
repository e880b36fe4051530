//! How far one search of a span of time reaches, where a source may take too long.

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use crate::time::timestamp::{Milliseconds, Timestamp};

/// How far one search of a span of time reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reach {
    /// To the end of the span.
    Whole,
    /// So many milliseconds, after a wider search took too long.
    Narrowed(NonZeroU64),
}

impl Reach {
    /// The narrowest search.
    const NARROWEST: Reach = Reach::Narrowed(NonZeroU64::MIN);

    /// Half of a span; at least a millisecond.
    pub fn half_of(span: Milliseconds) -> Reach {
        let half = u64::try_from(span / 2).ok().and_then(NonZeroU64::new);
        half.map_or(Reach::NARROWEST, Reach::Narrowed)
    }

    /// Whether it can be narrowed no further.
    pub fn is_narrowest(self) -> bool {
        self == Reach::NARROWEST
    }

    /// Searches got faster: reaches further again.
    pub fn widened(self) -> Reach {
        const FOUR: NonZeroU64 = NonZeroU64::MIN.saturating_add(3);
        match self {
            Reach::Whole => Reach::Whole,
            Reach::Narrowed(width) => width
                .checked_mul(FOUR)
                .filter(|width| i64::try_from(width.get()).is_ok())
                .map_or(Reach::Whole, Reach::Narrowed),
        }
    }

    /// Where a search that begins at `start` ends, if it is narrowed.
    pub fn end(self, start: Timestamp) -> Option<Timestamp> {
        match self {
            Reach::Whole => None,
            Reach::Narrowed(width) => {
                Some(start.later_by(i64::try_from(width.get()).unwrap_or(i64::MAX)))
            }
        }
    }
}
