//! The ranges that are walked at once.

use serde::{Deserialize, Serialize};

use crate::resources::users::range::Range;
use rawdash_connector_sdk::time::timestamp::{Milliseconds, Timestamp};

/// Ranges walked at once: at 200 ms a round trip, enough to fill the largest
/// share of 16 requests a second.
const LANES: usize = 4;
/// A range is divided when it seems to hold this many pages or more.
const WORTH_DIVIDING: Milliseconds = 4;

/// The ranges that are left to walk, at most one a lane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "(Vec<Range>, u32)")]
pub struct Ranges {
    left: Vec<Range>,
    next_id: u32,
}

impl Ranges {
    /// One range, of the lane `id`.
    pub fn new(id: u32, from: Option<Timestamp>, to: Option<Timestamp>) -> Ranges {
        Ranges { left: vec![Range::new(id, from, to)], next_id: id.saturating_add(1) }
    }

    /// The ranges that are left.
    pub fn iter(&self) -> impl Iterator<Item = &Range> {
        self.left.iter()
    }

    /// The range of a lane.
    pub fn get_mut(&mut self, lane: u32) -> Option<&mut Range> {
        self.left.iter_mut().find(|range| range.id == lane)
    }

    /// Drops a range that is walked to its end.
    pub fn remove(&mut self, lane: u32) {
        self.left.retain(|range| range.id != lane);
    }

    /// Whether all ranges are walked.
    pub fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    /// Divides the largest range while lanes are free and it seems to hold
    /// enough pages, by the span of the last one.
    pub fn divide(&mut self, span: Milliseconds, until: Timestamp) {
        let least = span.saturating_mul(WORTH_DIVIDING).max(1);
        while self.left.len() < LANES {
            let largest = self.left.iter_mut().max_by_key(|range| range.rest(until));
            let Some(later) = largest.and_then(|range| range.split(self.next_id, until, least))
            else {
                return;
            };
            self.next_id = self.next_id.saturating_add(1);
            self.left.push(later);
        }
    }
}

impl TryFrom<(Vec<Range>, u32)> for Ranges {
    type Error = &'static str;

    fn try_from((left, next_id): (Vec<Range>, u32)) -> Result<Ranges, Self::Error> {
        let fits = (1..=LANES).contains(&left.len());
        fits.then_some(Ranges { left, next_id }).ok_or("not a number of ranges that are walked")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_walk_without_ranges_or_with_more_than_lanes_is_refused() {
        for count in [0, 1, 4, 5] {
            let ranges: Vec<Range> = (0..count).map(|id| Range::new(id, None, None)).collect();
            let bytes = postcard::to_allocvec(&(ranges, count)).unwrap();
            let read = postcard::from_bytes::<Ranges>(&bytes);
            assert_eq!(read.is_ok(), (1..=4).contains(&count), "{count} ranges");
        }
    }
}
