//! A pass over users that no range of instants divides: all of one
//! millisecond, or all without `created_at`.
//!
//! Such a set has no key to walk by, so it is paged, and rows that come or go
//! meanwhile shift the pages. So a pass only counts when the total stayed the
//! same and as many ids came as it says. Where no pass does, all that came in
//! any of them must be as many as were ever there at once: else some were
//! certainly not read, and nothing may be replaced. Paging ends at record 1000:
//! a larger set is split by what its ids begin with, into parts that are
//! disjoint and, with the remainder, exhaust it.

use serde::{Deserialize, Serialize};

use crate::auth0::request::{Condition, Part, Scope, UserSearch};
use crate::rawdash::record::Warning;

/// Auth0 refuses pages beyond this record.
pub const PAGEABLE: u64 = 1000;
/// Passes over one part before its shifting is told.
const ATTEMPTS: u32 = 5;
/// Longer prefixes, or more of them in one query, and Auth0 refuses the
/// address as too long.
const LONGEST_PREFIX: usize = 64;
const MOST_EXCEPTIONS: usize = 80;

/// A pass under way. The checkpoint holds all of it: a part of ten pages that
/// began again after each resume might never end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pass {
    scope: Scope,
    per_page: u32,
    left: Vec<Part>,
    turn: Turn,
    earlier: Earlier,
}

/// What was seen of the part under way, in this attempt.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Turn {
    page: u32,
    total: Option<u64>,
    shifted: bool,
    /// Ids, in order, each once; none are added to as many as can be paged.
    seen: Vec<String>,
    /// Rows without a readable id, or passed over.
    lost: u64,
}

impl Turn {
    fn is_full(&self) -> bool {
        self.seen.len() as u64 >= PAGEABLE
    }
}

/// What was seen of the part under way in earlier attempts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Earlier {
    attempts: u32,
    /// Ids, in order, each once.
    seen: Vec<String>,
    /// The fewest that were there at once.
    least: Option<u64>,
    /// Whether a page answered another search.
    another: bool,
}

/// Fewer users came in all the passes than were there during each of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Incomplete {
    /// Which users, what came, and how many there were.
    pub what: String,
}

impl Pass {
    /// Whether a run can have come to this.
    pub fn is_sound(&self) -> bool {
        let begins_at = u64::from(self.turn.page) * u64::from(self.per_page);
        (1..=100).contains(&self.per_page) && begins_at < PAGEABLE
    }

    /// A pass over all of a scope.
    pub fn new(scope: Scope, per_page: u32) -> Pass {
        Pass {
            scope,
            per_page: per_page.clamp(1, 100),
            left: vec![Part::default()],
            turn: Turn::default(),
            earlier: Earlier::default(),
        }
    }

    /// What to ask next; none when the pass is over.
    pub fn search(&self) -> Option<UserSearch> {
        let part = self.left.last()?.clone();
        Some(UserSearch {
            condition: Condition::Part(self.scope, part),
            page: self.turn.page,
            per_page: self.per_page,
            place_only: false,
        })
    }

    /// Takes a page: how many rows it had, the ids that could be read, and the
    /// envelope's limit and total. Fails when users were certainly not read;
    /// then the part begins anew.
    pub fn take(
        &mut self,
        rows: usize,
        ids: Vec<String>,
        limit: Option<u32>,
        total: Option<u64>,
    ) -> Result<Option<Warning>, Incomplete> {
        // A server that gives fewer a page than asked counts pages by its own
        // size.
        self.per_page = limit.unwrap_or(self.per_page).clamp(1, self.per_page);
        let turn = &mut self.turn;
        if turn.page == 0 {
            turn.total = total;
        } else if turn.total != total {
            turn.shifted = true;
            turn.total = turn.total.min(total);
        }
        turn.lost += rows.saturating_sub(ids.len()) as u64;
        for id in ids {
            if !turn.is_full() {
                insert(&mut turn.seen, id);
            }
        }
        self.go_on(rows as u64 >= u64::from(self.per_page))
    }

    /// Takes a page that answers another search: the pass does not count.
    pub fn take_another(&mut self, rows: usize) -> Result<Option<Warning>, Incomplete> {
        self.turn.shifted = true;
        self.earlier.another = true;
        self.go_on(rows as u64 >= u64::from(self.per_page))
    }

    fn go_on(&mut self, more: bool) -> Result<Option<Warning>, Incomplete> {
        // A server may give more rows than were asked for.
        let full = self.turn.is_full();
        if more && !full && self.turn_page() {
            return Ok(None);
        }
        self.conclude(more || full)
    }

    /// Moves to the next page, if Auth0 gives it.
    fn turn_page(&mut self) -> bool {
        let next = self.turn.page + 1;
        let reachable = u64::from(next) * u64::from(self.per_page) < PAGEABLE;
        if reachable {
            self.turn.page = next;
        }
        reachable
    }

    /// Judges a part whose last reachable page was taken.
    fn conclude(&mut self, more: bool) -> Result<Option<Warning>, Incomplete> {
        let turn = &self.turn;
        if more || turn.total.is_some_and(|total| total >= PAGEABLE) {
            return Ok(self.split());
        }
        let came = turn.seen.len() as u64 + turn.lost;
        if !turn.shifted && turn.total.is_none_or(|total| total == came) {
            self.next_part();
            return Ok(None);
        }
        let turn = std::mem::take(&mut self.turn);
        self.earlier.attempts += 1;
        self.earlier.least = match (self.earlier.least, turn.total) {
            (Some(least), Some(total)) => Some(least.min(total)),
            (least, total) => least.or(total),
        };
        turn.seen.into_iter().for_each(|id| insert(&mut self.earlier.seen, id));
        if self.earlier.attempts < ATTEMPTS {
            return Ok(None);
        }
        let earlier = std::mem::take(&mut self.earlier);
        let came = earlier.seen.len() as u64 + turn.lost;
        let (place, least) = (self.place(), earlier.least.unwrap_or(0));
        if came < least {
            let what = format!(
                "Auth0's search counted {least} {place} and showed {came} in {ATTEMPTS} passes over them"
            );
            return Err(Incomplete { what });
        }
        if earlier.another && earlier.least.is_none() {
            let what = format!("Auth0's search for {place} answered {ATTEMPTS} times with others");
            return Err(Incomplete { what });
        }
        let warning = Warning {
            code: "users-shifting",
            message: format!(
                "{}: the users changed during each of {ATTEMPTS} passes over them, so some may be missing; the next full run reads them again.",
                self.place()
            ),
            count: 1,
        };
        self.next_part();
        Ok(Some(warning))
    }

    /// Divides the part under way by the first letter in which its ids differ.
    fn split(&mut self) -> Option<Warning> {
        let part = self.left.pop()?;
        // Each part is smaller than the one that it is split from, whatever
        // ids a server shows.
        self.turn.seen.retain(|id| part.holds(id));
        let shared = shared_prefix(&self.turn.seen);
        // The ids are in order, so equal beginnings are neighbours.
        let longer = self.turn.seen.iter().filter_map(|id| {
            let letter = id.get(shared.len()..)?.chars().next()?;
            Some(format!("{shared}{letter}"))
        });
        let mut longer: Vec<String> = longer.collect();
        longer.dedup();
        self.turn = Turn::default();
        self.earlier = Earlier::default();
        let mut remainder = part.clone();
        remainder.except.extend(longer.iter().cloned());
        let fits = shared.len() < LONGEST_PREFIX && remainder.except.len() <= MOST_EXCEPTIONS;
        if longer.is_empty() || !fits {
            return Some(Warning {
                code: "users-unreachable",
                message: format!(
                    "{}: there are more users than Auth0 lets page through, and their ids do not tell them apart, so some are missing.",
                    self.place()
                ),
                count: 1,
            });
        }
        self.left.push(remainder);
        for prefix in longer {
            let except =
                part.except.iter().filter(|other| other.starts_with(&prefix)).cloned().collect();
            self.left.push(Part { prefix, except });
        }
        None
    }

    fn next_part(&mut self) {
        self.left.pop();
        self.turn = Turn::default();
        self.earlier = Earlier::default();
    }

    /// Asks for smaller pages from the begin of the part; false when they are
    /// single rows already.
    pub fn shrink(&mut self) -> bool {
        let shrunk = self.per_page > 1;
        self.per_page = (self.per_page / 2).max(1);
        if shrunk {
            self.turn = Turn::default();
        }
        shrunk
    }

    /// Gives up the row that the page under way should hold.
    pub fn pass_over(&mut self) -> Warning {
        self.turn.lost += 1;
        if !self.turn_page() {
            self.next_part();
        }
        Warning {
            code: "user-unreadable",
            message: format!(
                "{}: a user could not be read, even alone, and was passed over.",
                self.place()
            ),
            count: 1,
        }
    }

    fn place(&self) -> String {
        match self.scope {
            Scope::Instant(key, at) => format!("users whose {} is {at}", key.field()),
            Scope::Undated => "users without created_at".to_owned(),
        }
    }
}

fn insert(ordered: &mut Vec<String>, id: String) {
    if let Err(at) = ordered.binary_search(&id) {
        ordered.insert(at, id);
    }
}

fn shared_prefix(ids: &[String]) -> String {
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return String::new() };
    // The ids are in order: what its ends share, all share.
    let both = first.chars().zip(last.chars());
    both.take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::auth0::request::Key;
    use crate::timestamp::Timestamp;

    /// A set of ids that answers a pass as Auth0 does.
    fn answer(ids: &[String], search: &UserSearch) -> (Vec<String>, u64) {
        let Condition::Part(_, part) = &search.condition else { panic!() };
        let matching: Vec<_> = ids
            .iter()
            .filter(|id| {
                id.starts_with(&part.prefix) && !part.except.iter().any(|p| id.starts_with(p))
            })
            .collect();
        let start = (search.page * search.per_page) as usize;
        assert!(start < 1000, "Auth0 refuses this page");
        let rows = matching.iter().skip(start).take(search.per_page as usize);
        (rows.map(|id| (*id).clone()).collect(), matching.len().min(1000) as u64)
    }

    fn run(ids: &[String]) -> (BTreeSet<String>, Vec<Warning>) {
        let scope = Scope::Instant(Key::CreatedAt, Timestamp::AUTH0_BEGAN);
        let mut pass = Pass::new(scope, 100);
        let (mut read, mut warnings) = (BTreeSet::new(), Vec::new());
        while let Some(search) = pass.search() {
            let (rows, total) = answer(ids, &search);
            read.extend(rows.iter().cloned());
            warnings.extend(pass.take(rows.len(), rows, Some(100), Some(total)).unwrap());
        }
        (read, warnings)
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
        let mut pass = Pass::new(Scope::Undated, 100);
        assert_eq!(pass.take(100, ids[..100].to_vec(), Some(100), Some(150)), Ok(None));
        assert_eq!(pass.take(49, ids[101..150].to_vec(), Some(100), Some(149)), Ok(None));
        assert_eq!(pass.search().unwrap().page, 0, "begun again");
        pass.take(100, ids[1..101].to_vec(), Some(100), Some(149)).unwrap();
        pass.take(49, ids[101..150].to_vec(), Some(100), Some(149)).unwrap();
        assert_eq!(pass.search(), None);
    }

    #[test]
    fn a_set_that_never_holds_still_is_told() {
        let mut pass = Pass::new(Scope::Undated, 100);
        let mut told = Vec::new();
        for attempt in 0..ATTEMPTS {
            // One goes and another comes, between count and rows.
            told.extend(pass.take(1, vec![format!("a|{attempt}")], Some(100), Some(2)).unwrap());
        }
        assert_eq!(told.len(), 1);
        assert_eq!(pass.search(), None);
    }

    #[test]
    fn users_that_no_pass_showed_are_not_taken_for_gone() {
        let mut pass = Pass::new(Scope::Undated, 100);
        let mut judged = Vec::new();
        for _ in 0..ATTEMPTS {
            judged.push(pass.take(1, vec!["a|1".to_owned()], Some(100), Some(2)));
        }
        let last = judged.pop().unwrap();
        assert!(judged.iter().all(|judged| *judged == Ok(None)));
        assert!(last.unwrap_err().what.contains("counted 2 users without created_at and showed 1"));
        assert!(pass.search().is_some(), "it can be tried again");
    }

    #[test]
    fn pages_of_another_search_do_not_count() {
        let mut pass = Pass::new(Scope::Undated, 100);
        pass.take(100, (0..100).map(|n| format!("a|{n}")).collect(), Some(100), Some(102)).unwrap();
        let told: Vec<_> = (0..ATTEMPTS).map(|_| pass.take_another(3)).collect();
        assert!(told.iter().any(Result::is_err), "one page is no pass: {told:?}");
        let mut pass = Pass::new(Scope::Undated, 100);
        let told: Vec<_> = (0..ATTEMPTS).map(|_| pass.take_another(3)).collect();
        assert!(told.iter().any(Result::is_err), "{told:?}");
    }

    /// A server that answers every search with the same page.
    fn run_over_the_same(page: &[String], limit: u32, most: usize) -> (Pass, usize) {
        let mut pass = Pass::new(Scope::Undated, 100);
        let mut pages = 0;
        while pages < most && pass.search().is_some() {
            let _ = pass.take(page.len(), page.to_vec(), Some(limit), Some(5000));
            pages += 1;
        }
        (pass, pages)
    }

    #[test]
    fn ids_of_no_part_do_not_split_it_for_ever() {
        let letters: Vec<String> = ('a'..='z').map(String::from).collect();
        let (pass, pages) = run_over_the_same(&letters, 20, 10_000);
        assert_eq!(pass.left, [], "{} parts are left after {pages} pages", pass.left.len());
    }

    #[test]
    fn more_rows_than_were_asked_for_do_not_fill_the_memory() {
        let mut pass = Pass::new(Scope::Undated, 1);
        for page in 0..900u32 {
            let ids: Vec<String> = (0..1000).map(|row| format!("{page:03}|{row:04}")).collect();
            let _ = pass.take(ids.len(), ids, Some(1), None);
            let held = pass.turn.seen.len() + pass.left.len();
            assert!(held < 2 * PAGEABLE as usize, "{held}");
        }
    }

    #[test]
    fn a_stored_pass_at_a_page_that_is_none_is_not_sound() {
        let mut pass = Pass::new(Scope::Undated, 1);
        assert!(pass.is_sound());
        pass.per_page = 0;
        assert!(!pass.is_sound());
        (pass.per_page, pass.turn.page) = (100, 10);
        assert!(!pass.is_sound(), "Auth0 refuses this page");
    }
}
