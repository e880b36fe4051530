//! A segment of the walk over users: a range of the key, walked upwards.
//!
//! Each page begins at the last instant seen, inclusive, so that neither the
//! cap at record 1000 nor a row that moves loses one; rows seen twice are
//! dropped by id. A page full of one instant is left to a [`Pass`].

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::auth0::cell::{Oddities, Row};
use crate::auth0::request::{Condition, Key, Scope, UserSearch};
use crate::auth0::user::{UserRow, UsersPage};
use crate::rawdash::record::{Entity, Warning};
use crate::rawdash::user;
use crate::run::pass::{Incomplete, PAGEABLE, Pass};
use crate::timestamp::{Milliseconds, Timestamp};

/// Rows a page, the most that Auth0 gives.
pub const PAGE: u32 = 100;
/// Failures of a search at one width before it counts as an outage.
const SLOW_TRIES: u32 = 3;

/// A range of the key: what of it is left to walk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// Its number in the walk.
    pub id: u32,
    from: Option<Timestamp>,
    /// Exclusive; none for the open end.
    to: Option<Timestamp>,
    per_page: u32,
    /// Set when a search over the whole range took Auth0 too long.
    width: Option<Milliseconds>,
    pass: Option<Pass>,
    /// Set while the place of a user who cannot be read is asked for: by which
    /// row from the segment's begin.
    place: Option<u32>,
    /// Ids at the instant `from` that were brought already.
    at_bound: Vec<String>,
    #[serde(skip)]
    slow: u32,
}

/// What a page of a segment brought.
#[derive(Debug, Default)]
pub struct Walked {
    /// Users not brought before.
    pub users: Vec<Entity>,
    /// The newest key on the page.
    pub newest: Option<Timestamp>,
    /// Milliseconds of the key that the page spanned, where it was full.
    pub span: Option<Milliseconds>,
    /// Set when a row was given up, or a set could not be read whole.
    pub warning: Option<Warning>,
    /// Set when users are certainly missing.
    pub incomplete: Option<Incomplete>,
    /// Whether the segment is walked to its end.
    pub ended: bool,
    /// Matches, by the envelope.
    pub total: Option<u64>,
}

/// A page's users with their keys, read leniently.
pub fn read_rows(
    rows: &[&RawValue],
    key: Key,
    odd: &mut Oddities,
) -> Vec<(Option<Timestamp>, Entity)> {
    let read = |raw: &&RawValue| {
        let Some(row) = UserRow::read(raw) else {
            odd.count("a row", "is no object");
            return None;
        };
        Some((row.key(key), user::entity(&row, odd)?))
    };
    rows.iter().filter_map(read).collect()
}

impl Segment {
    /// A segment from an instant, inclusive, or the beginning, to an instant,
    /// exclusive, or the open end.
    pub fn new(id: u32, from: Option<Timestamp>, to: Option<Timestamp>) -> Segment {
        Segment {
            id,
            from,
            to,
            per_page: PAGE,
            width: None,
            pass: None,
            place: None,
            at_bound: Vec::new(),
            slow: 0,
        }
    }

    /// Whether a run can have come to this.
    pub fn is_sound(&self) -> bool {
        (1..=PAGE).contains(&self.per_page)
            && self.width.is_none_or(|width| width > 0)
            && self.place.is_none_or(|row| self.per_page == 1 && u64::from(row) < PAGEABLE)
            && self.pass.as_ref().is_none_or(Pass::is_sound)
    }

    /// What to ask next; `until` bounds the open end.
    pub fn search(&self, key: Key, until: Timestamp) -> UserSearch {
        if let Some(search) = self.pass.as_ref().and_then(Pass::search) {
            return search;
        }
        UserSearch {
            condition: Condition::Range(key, self.from, self.window_end(until)),
            page: self.place.unwrap_or(0),
            per_page: self.per_page,
            place_only: self.place.is_some(),
        }
    }

    fn start(&self) -> Timestamp {
        self.from.unwrap_or(Timestamp::AUTH0_BEGAN)
    }

    /// Where the search ends: at the segment's end, or before it where a
    /// search over all of it is too slow.
    fn window_end(&self, until: Timestamp) -> Option<Timestamp> {
        let Some(width) = self.width else { return self.to };
        let end = self.start().later_by(width);
        let last = self.to.unwrap_or_else(|| until.later_by(1));
        if end >= last { self.to } else { Some(end) }
    }

    /// Takes the page that came for [`Segment::search`].
    pub fn take(
        &mut self,
        key: Key,
        page: &UsersPage<'_>,
        until: Timestamp,
        odd: &mut Oddities,
    ) -> Option<Walked> {
        let rows = read_rows(&page.rows, key, odd);
        self.slow = 0;
        let another = self.is_of_another(key, &rows, until);
        if self.pass.is_some() {
            return Some(self.take_pass(page, rows, another));
        }
        // Its rows would move this walk past those that it did not see.
        if another {
            return None;
        }
        if self.place.is_some() {
            return self.take_place(key, &rows, page.rows.len(), until);
        }
        self.take_range(key, page, rows, until)
    }

    /// Whether a page answers another search, as a cache in between may: it
    /// has rows, and none where this one looks. Who logs in meanwhile may be
    /// shown with a later `updated_at`.
    fn is_of_another(
        &self,
        key: Key,
        rows: &[(Option<Timestamp>, Entity)],
        until: Timestamp,
    ) -> bool {
        let end = match key {
            Key::UpdatedAt => None,
            Key::CreatedAt => self.window_end(until),
        };
        let looks = |at: Timestamp| match (key, &self.pass) {
            (Key::CreatedAt, Some(_)) => at == self.start(),
            _ => self.from.is_none_or(|from| at >= from) && end.is_none_or(|end| at < end),
        };
        let mut keys = rows.iter().filter_map(|(at, _)| *at).peekable();
        keys.peek().is_some() && !keys.any(looks)
    }

    fn take_pass(
        &mut self,
        page: &UsersPage<'_>,
        rows: Vec<(Option<Timestamp>, Entity)>,
        another: bool,
    ) -> Walked {
        let ids = rows.iter().map(|(_, user)| user.id.clone()).collect();
        let newest = rows.iter().filter_map(|(at, _)| *at).max();
        let judged = match &mut self.pass {
            Some(pass) if another => pass.take_another(page.rows.len()),
            Some(pass) => pass.take(page.rows.len(), ids, page.limit, page.total),
            None => Ok(None),
        };
        let users = rows.into_iter().map(|(_, user)| user).collect();
        let ended = self.leave_pass();
        let incomplete = judged.clone().err();
        let warning = judged.ok().flatten();
        Walked { users, newest, warning, incomplete, ended, ..Walked::default() }
    }

    /// Goes on behind the instant of a pass that is over; tells whether the
    /// segment ends there.
    fn leave_pass(&mut self) -> bool {
        if self.pass.as_ref().is_none_or(|pass| pass.search().is_some()) {
            return false;
        }
        self.pass = None;
        self.at_bound.clear();
        let left = self.start();
        self.from = Some(left.later_by(1));
        self.per_page = self.per_page.saturating_mul(2).min(PAGE);
        // Behind the last instant that there is, there is none.
        self.start() == left || self.to.is_some_and(|to| self.start() >= to)
    }

    /// The place of a user who cannot be read, or of the first one behind whose
    /// place can, is the instant of a pass with single rows: its neighbours are
    /// read, it is passed over.
    fn take_place(
        &mut self,
        key: Key,
        rows: &[(Option<Timestamp>, Entity)],
        count: usize,
        until: Timestamp,
    ) -> Option<Walked> {
        if count == 0 {
            self.place = None;
            return Some(Walked { ended: self.leave_window(until), ..Walked::default() });
        }
        let at = rows.iter().find_map(|(at, _)| *at)?;
        self.place = None;
        self.enter_pass(key, at, 1);
        Some(Walked::default())
    }

    /// Goes on behind the range that was searched to its end; tells whether
    /// the segment ends there.
    fn leave_window(&mut self, until: Timestamp) -> bool {
        let window_end = self.window_end(until);
        if window_end == self.to {
            return true;
        }
        self.from = window_end;
        self.at_bound.clear();
        self.widen();
        false
    }

    fn enter_pass(&mut self, key: Key, at: Timestamp, per_page: u32) {
        self.from = Some(at);
        self.at_bound.clear();
        self.pass = Some(Pass::new(Scope::Instant(key, at), per_page));
    }

    fn take_range(
        &mut self,
        key: Key,
        page: &UsersPage<'_>,
        rows: Vec<(Option<Timestamp>, Entity)>,
        until: Timestamp,
    ) -> Option<Walked> {
        let limit = page.limit.unwrap_or(self.per_page).min(self.per_page) as usize;
        let newest = rows.iter().filter_map(|(at, _)| *at).max();
        let mut walked = Walked { newest, total: page.total, ..Walked::default() };
        if page.rows.len() < limit {
            walked.users = self.fresh(rows, None);
            walked.ended = self.leave_window(until);
            return Some(walked);
        }
        match newest {
            Some(last) if self.from.is_none_or(|from| last > from) => {
                walked.span = self.from.map(|from| last.since(from));
                walked.ended = self.to.is_some_and(|to| last >= to);
                walked.users = self.fresh(rows, Some(last));
                self.from = Some(last);
                self.widen();
                self.per_page = self.per_page.saturating_mul(2).min(PAGE);
            }
            // Full of one instant: its rows are read by a pass.
            _ => {
                let at = self.from?;
                self.enter_pass(key, at, self.per_page);
            }
        }
        Some(walked)
    }

    /// Users not brought before; remembers those at the new bound.
    fn fresh(
        &mut self,
        rows: Vec<(Option<Timestamp>, Entity)>,
        bound: Option<Timestamp>,
    ) -> Vec<Entity> {
        let known = std::mem::take(&mut self.at_bound);
        let at_bound = rows.iter().filter(|(at, _)| at.is_some() && *at == bound);
        self.at_bound.extend(at_bound.map(|(_, user)| user.id.clone()));
        rows.into_iter().map(|(_, user)| user).filter(|user| !known.contains(&user.id)).collect()
    }

    /// Searches got faster: look further again.
    fn widen(&mut self) {
        self.width = self.width.and_then(|width| width.checked_mul(4));
    }

    /// A search took too long: half the range from now on. False when the
    /// range is a millisecond already, and has failed there often enough to be
    /// an outage.
    pub fn narrow(&mut self, until: Timestamp) -> bool {
        self.slow += 1;
        if self.pass.is_some() || self.width == Some(1) {
            return self.slow < SLOW_TRIES;
        }
        let end = self.window_end(until).unwrap_or_else(|| until.later_by(1));
        self.width = Some((end.since(self.start()) / 2).max(1));
        self.slow = 0;
        true
    }

    /// A page could not be read: ask for half as many rows. False at one row.
    pub fn shrink(&mut self) -> bool {
        match &mut self.pass {
            Some(pass) => pass.shrink(),
            None => {
                let shrunk = self.per_page > 1;
                self.per_page = (self.per_page / 2).max(1);
                shrunk
            }
        }
    }

    /// Gives up a single row that cannot be read: asks for its place, and where
    /// that cannot be read either, for the place of the next. False when no
    /// place within reach can be learned.
    pub fn pass_over(&mut self) -> (bool, Option<Warning>, bool) {
        match &mut self.pass {
            Some(pass) => {
                let warning = pass.pass_over();
                let ended = self.leave_pass();
                (true, Some(warning), ended)
            }
            None => {
                let next = self.place.map_or(0, |row| row.saturating_add(1));
                let reachable = u64::from(next) < PAGEABLE;
                // Out of reach, the next try begins at the bound again.
                self.place = reachable.then_some(next);
                let warning = self.place.filter(|row| *row > 0).map(|_| Warning {
                    code: "user-unreadable",
                    message: format!(
                        "users from {} on: one could not be read, not even their place, and was passed over.",
                        self.start()
                    ),
                    count: 1,
                });
                (reachable, warning, false)
            }
        }
    }

    /// Cuts the segment in two halves and returns the later one; none when
    /// there is too little left.
    pub fn split(&mut self, id: u32, until: Timestamp, least: Milliseconds) -> Option<Segment> {
        let from = self.from?;
        let end = self.to.unwrap_or(until);
        let rest = end.since(from);
        if rest < least.saturating_mul(2) || self.pass.is_some() || self.width.is_some() {
            return None;
        }
        let middle = from.later_by(rest / 2);
        let later = Segment::new(id, Some(middle), self.to);
        self.to = Some(middle);
        Some(later)
    }

    /// Milliseconds of the key that are left to walk.
    pub fn rest(&self, until: Timestamp) -> Milliseconds {
        self.to.unwrap_or(until).since(self.start())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_full_of_the_last_instant_there_is_does_not_keep_the_walk_for_ever() {
        let until = Timestamp::AUTH0_BEGAN;
        let last = until.later_by(i64::MAX);
        let rows: Vec<String> = (0..PAGE)
            .map(|row| format!(r#"{{"user_id":"{row}","created_at":"{last}"}}"#))
            .collect();
        let full = format!(r#"{{"total":{PAGE},"users":[{}]}}"#, rows.join(","));
        let mut segment = Segment::new(0, None, None);
        for _ in 0..20 {
            let search = segment.search(Key::CreatedAt, until);
            // The set has no second page.
            let body = if search.page == 0 { full.as_str() } else { r#"{"total":100,"users":[]}"# };
            let page = UsersPage::read(body).unwrap();
            let odd = &mut Oddities::default();
            if segment.take(Key::CreatedAt, &page, until, odd).unwrap().ended {
                return;
            }
        }
        panic!("asks for {:?} again", segment.search(Key::CreatedAt, until));
    }

    #[test]
    fn a_place_out_of_reach_is_not_asked_for_by_the_next_run() {
        let mut segment = Segment::new(0, None, None);
        while segment.shrink() {}
        let past = (0..=PAGEABLE).take_while(|_| segment.pass_over().0).count();
        assert_eq!(past as u64, PAGEABLE);
        assert_eq!(segment.search(Key::CreatedAt, Timestamp::AUTH0_BEGAN).page, 0);
        assert!(segment.is_sound());
    }

    #[test]
    fn a_stored_segment_without_rows_a_page_is_not_sound() {
        let mut segment = Segment::new(0, None, None);
        assert!(segment.is_sound());
        segment.per_page = 0;
        assert!(!segment.is_sound());
        (segment.per_page, segment.place) = (2, Some(0));
        assert!(!segment.is_sound(), "a place is one row's");
    }
}
