//! What a walk over everything found, as far as the next one needs to know.

use serde::{Deserialize, Serialize};

use super::unlisted::Unlisted;
use super::witnesses::Witnesses;

/// What the last complete walk found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    count: u64,
    witnesses: Witnesses,
    unlisted: Unlisted,
}

/// A walk under way, compared with the last complete one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Census {
    /// How many the last walk found.
    before: u64,
    /// Its witnesses that this walk has not shown.
    unseen: Witnesses,
    witnesses: Witnesses,
    /// What the last walk found that a list may not show.
    unlisted_before: Unlisted,
    unlisted: Unlisted,
}

impl Census {
    /// A walk that begins.
    pub fn after(last: &Tally) -> Census {
        Census {
            before: last.count,
            unseen: last.witnesses.clone(),
            unlisted_before: last.unlisted.clone(),
            ..Census::default()
        }
    }

    /// How many the last walk found.
    pub fn before(&self) -> u64 {
        self.before
    }

    /// What the last walk found that a list may not show.
    pub fn unlisted_before(&self) -> &Unlisted {
        &self.unlisted_before
    }

    /// Records that the walk showed a thing.
    pub fn see(&mut self, id: &str) {
        self.unseen.see(id);
        self.witnesses.consider(id);
    }

    /// Records that the walk showed a thing that a list may not show.
    pub fn see_unlisted(&mut self, id: &str) {
        self.unlisted.remember(id);
    }

    /// Whether the source may be showing a part only, when the walk found so many,
    /// and there is a witness to look up.
    pub fn doubts(&self, found: u64) -> bool {
        is_suspicious(found, self.before) && self.witness().is_some()
    }

    /// A thing that the last walk showed and this one did not, to look up.
    pub fn witness(&self) -> Option<&str> {
        self.unseen.next()
    }

    /// Records that this witness is gone.
    pub fn dismiss_witness(&mut self) {
        self.unseen.dismiss_next();
    }

    /// Ends the walk, which found so many.
    pub fn end(self, found: u64) -> Tally {
        Tally { count: found, witnesses: self.witnesses, unlisted: self.unlisted }
    }
}

/// Whether so few were found, where there were so many, that the source may be
/// showing a part only: more than ten fewer, and more than a tenth.
fn is_suspicious(found: u64, before: u64) -> bool {
    let missing = before.saturating_sub(found);
    missing > 10 && missing > before / 10
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A walk that shows the first of these many things.
    fn walked(after: &Tally, shown: u64) -> Census {
        let mut census = Census::after(after);
        (0..shown).for_each(|number| census.see(&format!("{number}|user")));
        census
    }

    #[test]
    fn a_few_deletions_raise_no_suspicion() {
        for (found, before, suspicious) in
            [(20, 400, true), (361, 400, false), (359, 400, true), (0, 10, false), (9, 20, true)]
        {
            assert_eq!(is_suspicious(found, before), suspicious, "{found} of {before}");
        }
    }

    #[test]
    fn a_source_that_shows_a_part_is_doubted_until_every_witness_is_gone() {
        let last = walked(&Tally::default(), 400).end(400);
        assert!(!walked(&last, 399).doubts(399));
        let mut census = walked(&last, 20);
        let mut looked_up = 0;
        while census.doubts(20) {
            census.dismiss_witness();
            looked_up += 1;
        }
        assert!(looked_up > 10, "{looked_up} witnesses");
    }

    #[test]
    fn what_no_list_shows_is_known_to_the_next_walk() {
        let mut census = Census::default();
        census.see_unlisted("a");
        let next = Census::after(&census.end(1));
        assert_eq!((next.unlisted_before().next(), next.before()), (Some("a"), 1));
    }
}
