//! A pass over users that no range of instants divides: all of one
//! millisecond, or all without `created_at`.
//!
//! Such a set has no key to walk by, so it is paged, and rows that appear or
//! disappear meanwhile shift the pages. So a pass only counts when the total
//! stays the same and as many ids are read as it says. Where no pass does, the
//! ids read in any of them must be as many as there ever were at once: otherwise
//! some were certainly not read, and nothing may be replaced. Paging ends at
//! record 1000: a larger set is split by how its ids begin, into parts that are
//! disjoint and, with the remainder, exhaust it.

use serde::{Deserialize, Serialize};

use crate::api::page::{PAGEABLE, Page, PageSize};
use crate::api::user_search::{Condition, Part, UserFields, UserSearch, UserSet};
use rawdash_connector_sdk::contract::batch::Warning;

/// Passes over one part before its shifting is reported.
const ATTEMPTS: u32 = 5;
/// With longer prefixes, or more of them in one query, Auth0 refuses the URL as
/// too long.
const LONGEST_PREFIX: usize = 64;
const MOST_EXCEPTIONS: usize = 80;

/// A pass under way. The checkpoint holds all of it: a part of ten pages that
/// began again after each resume might never end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pass {
    set: UserSet,
    page: Page,
    part: Part,
    later: Vec<Part>,
    attempt: Attempt,
    earlier: Earlier,
}

/// What was seen of the part under way, in this attempt.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Attempt {
    total: Option<u64>,
    shifted: bool,
    /// Ids, sorted, each once; none are added once there are as many as can be
    /// paged.
    seen: Vec<String>,
    /// Rows without a readable id, or skipped.
    lost: u64,
}

impl Attempt {
    fn is_full(&self) -> bool {
        self.seen.len() >= PAGEABLE as usize
    }
}

/// What was seen of the part under way in earlier attempts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Earlier {
    attempts: u32,
    /// Ids, sorted, each once.
    seen: Vec<String>,
    /// The fewest that there were at once.
    least: Option<u64>,
    /// Whether a page answered another search.
    another: bool,
}

/// What a page of a pass led to.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct PassOutcome {
    /// What a person should know.
    pub warning: Option<Warning>,
    /// Set when users were certainly not read: a clause that says which, how many
    /// were read, and how many there were. The part then begins again.
    pub incomplete: Option<String>,
    /// Users that no page of this part showed before.
    pub fresh: u64,
    /// Whether the pass is over. There is nothing left to request of it.
    pub over: bool,
}

impl Pass {
    /// A pass over all of a set.
    pub fn new(set: UserSet, size: PageSize) -> Pass {
        Pass {
            set,
            page: Page::first(size),
            part: Part::default(),
            later: Vec::new(),
            attempt: Attempt::default(),
            earlier: Earlier::default(),
        }
    }

    /// The same, where users of the set were read before it: they are not fresh.
    #[must_use]
    pub fn after(mut self, read: Vec<String>) -> Pass {
        read.into_iter().for_each(|id| insert(&mut self.earlier.seen, id));
        self
    }

    /// The next request.
    pub fn search(&self) -> UserSearch {
        UserSearch {
            condition: Condition::Part(self.set, self.part.clone()),
            page: self.page,
            fields: UserFields::All,
        }
    }

    /// Takes a page: how many rows it had, the ids that could be read, and the
    /// envelope's limit and total.
    pub fn take(
        &mut self,
        rows: usize,
        ids: Vec<String>,
        limit: Option<u32>,
        total: Option<u64>,
    ) -> PassOutcome {
        // A server that serves fewer rows a page than requested counts pages by
        // its own size.
        self.page = self.page.limited(limit);
        let attempt = &mut self.attempt;
        if self.page.number() == 0 {
            attempt.total = total;
        } else if attempt.total != total {
            attempt.shifted = true;
            attempt.total = attempt.total.min(total);
        }
        attempt.lost = attempt.lost.saturating_add(rows.saturating_sub(ids.len()) as u64);
        let mut fresh = 0;
        for id in ids {
            let is_known = |seen: &[String]| seen.binary_search(&id).is_ok();
            fresh += u64::from(!is_known(&attempt.seen) && !is_known(&self.earlier.seen));
            if !attempt.is_full() {
                insert(&mut attempt.seen, id);
            }
        }
        PassOutcome { fresh, ..self.advance(rows) }
    }

    /// Takes a page that answers another search: the pass does not count.
    pub fn take_another(&mut self, rows: usize) -> PassOutcome {
        self.attempt.shifted = true;
        self.earlier.another = true;
        self.advance(rows)
    }

    fn advance(&mut self, rows: usize) -> PassOutcome {
        let more = rows >= self.page.size().get() as usize;
        // A server may serve more rows than requested.
        let full = self.attempt.is_full();
        if more && !full && self.turn_page() {
            return PassOutcome::default();
        }
        self.conclude(more || full)
    }

    /// Moves to the next page, if Auth0 serves it.
    fn turn_page(&mut self) -> bool {
        let next = self.page.next();
        self.page = next.unwrap_or(self.page);
        next.is_some()
    }

    /// Judges a part whose last reachable page was taken.
    fn conclude(&mut self, more: bool) -> PassOutcome {
        let attempt = &self.attempt;
        if more || attempt.total.is_some_and(|total| total >= u64::from(PAGEABLE)) {
            return self.split();
        }
        let read = attempt.lost.saturating_add(attempt.seen.len() as u64);
        if !attempt.shifted && attempt.total.is_none_or(|total| total == read) {
            return self.next_part(None);
        }
        let attempt = self.begin_part();
        self.earlier.attempts = self.earlier.attempts.saturating_add(1);
        self.earlier.least = match (self.earlier.least, attempt.total) {
            (Some(least), Some(total)) => Some(least.min(total)),
            (least, total) => least.or(total),
        };
        attempt.seen.into_iter().for_each(|id| insert(&mut self.earlier.seen, id));
        if self.earlier.attempts < ATTEMPTS {
            return PassOutcome::default();
        }
        let earlier = std::mem::take(&mut self.earlier);
        self.give_up(&earlier, attempt.lost)
    }

    /// Judges a part that shifted during every attempt.
    fn give_up(&mut self, earlier: &Earlier, lost: u64) -> PassOutcome {
        let read = lost.saturating_add(earlier.seen.len() as u64);
        let (place, least) = (self.place(), earlier.least.unwrap_or(0));
        let what = if read < least {
            format!(
                "Auth0's search counted {least} {place} and showed {read} in {ATTEMPTS} passes over them"
            )
        } else if earlier.another && earlier.least.is_none() {
            format!("Auth0's search for {place} returned other users {ATTEMPTS} times")
        } else {
            return self.next_part(Some(Warning {
                code: "users-shifting",
                message: format!(
                    "{place}: the users changed during each of {ATTEMPTS} passes over them, so some may be missing; the next full run reads them again."
                ),
                count: 1,
            }));
        };
        PassOutcome { incomplete: Some(what), ..PassOutcome::default() }
    }

    /// Divides the part under way by the first letter in which its ids differ.
    fn split(&mut self) -> PassOutcome {
        let mut seen = self.begin_part().seen;
        self.earlier = Earlier::default();
        // Each part is smaller than the one that it is split from, whatever
        // ids a server shows.
        seen.retain(|id| self.part.holds(id));
        let shared = shared_prefix(&seen);
        // The ids are sorted, so equal beginnings are neighbours.
        let longer = seen.iter().filter_map(|id| {
            let letter = id.get(shared.len()..)?.chars().next()?;
            Some(format!("{shared}{letter}"))
        });
        let mut longer: Vec<String> = longer.collect();
        longer.dedup();
        let mut remainder = self.part.clone();
        remainder.except.extend(longer.iter().cloned());
        let fits = shared.len() < LONGEST_PREFIX && remainder.except.len() <= MOST_EXCEPTIONS;
        if longer.is_empty() || !fits {
            return self.next_part(Some(Warning {
                code: "users-unreachable",
                message: format!(
                    "{}: there are more users than Auth0 serves pages of, and their ids do not differ early enough, so some are missing.",
                    self.place()
                ),
                count: 1,
            }));
        }
        self.later.push(remainder);
        for prefix in longer {
            let except = self.part.except.iter().filter(|other| other.starts_with(&prefix));
            let except = except.cloned().collect();
            self.later.push(Part { prefix, except });
        }
        self.next_part(None)
    }

    /// Begins the part under way again; returns what this attempt saw of it.
    fn begin_part(&mut self) -> Attempt {
        self.page = Page::first(self.page.size());
        std::mem::take(&mut self.attempt)
    }

    fn next_part(&mut self, warning: Option<Warning>) -> PassOutcome {
        self.begin_part();
        self.earlier = Earlier::default();
        let next = self.later.pop();
        let over = next.is_none();
        self.part = next.unwrap_or_default();
        PassOutcome { warning, over, ..PassOutcome::default() }
    }

    /// Requests smaller pages from the begin of the part; false when they are
    /// single rows already.
    pub fn shrink(&mut self) -> bool {
        let Some(half) = self.page.size().halved() else { return false };
        self.page = Page::first(half);
        self.attempt = Attempt::default();
        true
    }

    /// Skips the row that the page under way should hold.
    pub fn skip(&mut self) -> PassOutcome {
        self.attempt.lost = self.attempt.lost.saturating_add(1);
        let warning = Some(Warning {
            code: "user-unreadable",
            message: format!(
                "{}: a user could not be read, even alone, and was skipped.",
                self.place()
            ),
            count: 1,
        });
        if self.turn_page() {
            return PassOutcome { warning, ..PassOutcome::default() };
        }
        self.next_part(warning)
    }

    fn place(&self) -> String {
        match self.set {
            UserSet::Instant(key, at) => format!("users whose {} is {at}", key.field()),
            UserSet::Undated => "users without created_at".to_owned(),
        }
    }
}

fn insert(sorted: &mut Vec<String>, id: String) {
    if let Err(at) = sorted.binary_search(&id) {
        sorted.insert(at, id);
    }
}

fn shared_prefix(ids: &[String]) -> String {
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return String::new() };
    // The ids are sorted: what the first and the last share, all share.
    let both = first.chars().zip(last.chars());
    both.take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::api::auth0_began;
    use crate::api::user_search::Key;

    /// A set of ids that answers a pass as Auth0 does.
    fn answer(ids: &[String], search: &UserSearch) -> (Vec<String>, u64) {
        let Condition::Part(_, part) = &search.condition else { panic!() };
        let matching: Vec<_> = ids
            .iter()
            .filter(|id| {
                id.starts_with(&part.prefix) && !part.except.iter().any(|p| id.starts_with(p))
            })
            .collect();
        let size = search.page.size().get();
        let start = (search.page.number() * size) as usize;
        let rows = matching.iter().skip(start).take(size as usize);
        (rows.map(|id| (*id).clone()).collect(), matching.len().min(1000) as u64)
    }

    fn run(ids: &[String]) -> (BTreeSet<String>, Vec<Warning>) {
        let set = UserSet::Instant(Key::CreatedAt, auth0_began());
        let mut pass = Pass::new(set, PageSize::MOST);
        let (mut read, mut warnings) = (BTreeSet::new(), Vec::new());
        loop {
            let (rows, total) = answer(ids, &pass.search());
            read.extend(rows.iter().cloned());
            let outcome = pass.take(rows.len(), rows, Some(100), Some(total));
            assert_eq!(outcome.incomplete, None);
            warnings.extend(outcome.warning);
            if outcome.over {
                return (read, warnings);
            }
        }
    }

    #[test]
    fn no_import_is_too_large_for_one_instant() {
        for count in [0, 1, 99, 100, 101, 999, 1000, 1001, 5000] {
            let mut ids: Vec<_> = (0..count)
                .map(|n: u32| format!("auth0|{:08x}", n.wrapping_mul(2_654_435_761)))
                .collect();
            ids.extend((0..count / 10).map(|n| format!("google-oauth2|{n}")));
            ids.sort();
            let (read, warnings) = run(&ids);
            assert_eq!(warnings, []);
            assert_eq!(read.len(), ids.len());
        }
    }

    #[test]
    fn a_user_that_moves_during_a_pass_costs_another_and_not_a_row() {
        let ids: Vec<_> = (0..150).map(|n| format!("a|{n:03}")).collect();
        let mut pass = Pass::new(UserSet::Undated, PageSize::MOST);
        let on = |fresh| PassOutcome { fresh, ..PassOutcome::default() };
        assert_eq!(pass.take(100, ids[..100].to_vec(), Some(100), Some(150)), on(100));
        assert_eq!(pass.take(49, ids[101..150].to_vec(), Some(100), Some(149)), on(49));
        assert_eq!(pass.search().page.number(), 0, "begun again");
        assert_eq!(pass.take(100, ids[1..101].to_vec(), Some(100), Some(149)), on(1));
        assert!(pass.take(49, ids[101..150].to_vec(), Some(100), Some(149)).over);
    }

    #[test]
    fn a_set_that_never_holds_still_is_reported() {
        let mut pass = Pass::new(UserSet::Undated, PageSize::MOST);
        // One goes and another appears, between count and rows.
        let outcomes: Vec<_> = (0..ATTEMPTS)
            .map(|attempt| pass.take(1, vec![format!("a|{attempt}")], Some(100), Some(2)))
            .collect();
        assert_eq!(outcomes.iter().filter(|outcome| outcome.warning.is_some()).count(), 1);
        assert!(outcomes.last().unwrap().over);
    }

    #[test]
    fn users_that_no_pass_showed_are_not_taken_for_deleted() {
        let mut pass = Pass::new(UserSet::Undated, PageSize::MOST);
        let mut outcomes: Vec<_> = (0..ATTEMPTS)
            .map(|_| pass.take(1, vec!["a|1".to_owned()], Some(100), Some(2)))
            .collect();
        let last = outcomes.pop().unwrap();
        assert!(outcomes.iter().all(|outcome| outcome.incomplete.is_none()));
        let what = last.incomplete.unwrap();
        assert!(what.contains("counted 2 users without created_at and showed 1"), "{what}");
        assert!(!last.over, "it can be tried again");
    }

    #[test]
    fn pages_of_another_search_do_not_count() {
        let ids = (0..100).map(|n| format!("a|{n}")).collect();
        let mut pass = Pass::new(UserSet::Undated, PageSize::MOST);
        assert!(!pass.take(100, ids, Some(100), Some(102)).over);
        let mut fresh = Pass::new(UserSet::Undated, PageSize::MOST);
        for pass in [&mut pass, &mut fresh] {
            let outcomes: Vec<_> = (0..ATTEMPTS).map(|_| pass.take_another(3)).collect();
            let incomplete = outcomes.iter().any(|outcome| outcome.incomplete.is_some());
            assert!(incomplete, "one page is not a pass: {outcomes:?}");
        }
    }

    #[test]
    fn ids_of_no_part_do_not_split_it_for_ever() {
        let letters: Vec<String> = ('a'..='z').map(String::from).collect();
        let mut pass = Pass::new(UserSet::Undated, PageSize::MOST);
        // A server that answers every search with the same page.
        let over = (0..10_000)
            .any(|_| pass.take(letters.len(), letters.clone(), Some(20), Some(5000)).over);
        assert!(over, "{} parts are left", pass.later.len() + 1);
    }

    #[test]
    fn more_rows_than_were_requested_do_not_fill_the_memory() {
        let mut pass = Pass::new(UserSet::Undated, PageSize::ONE);
        for page in 0..900u32 {
            let ids: Vec<String> = (0..1000).map(|row| format!("{page:03}|{row:04}")).collect();
            let _ = pass.take(ids.len(), ids, Some(1), None);
            let held = pass.attempt.seen.len() + pass.later.len();
            assert!(held < 2 * PAGEABLE as usize, "{held}");
        }
    }
}
