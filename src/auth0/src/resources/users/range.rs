//! A range of the walk over users: a span of the key, walked upwards.
//!
//! Each page begins at the last instant seen, inclusive, so that neither the
//! cap at record 1000 nor a row that moves loses one; rows seen twice are
//! dropped by id. A page full of one instant is left to a [`Pass`].

use serde::{Deserialize, Serialize};

use crate::api::auth0_began;
use crate::api::page::{Page, PageSize, Place};
use crate::api::user::UsersPage;
use crate::api::user_search::{Condition, Key, NEWEST, UserFields, UserSearch, UserSet};
use crate::resources::users::pass::Pass;
use crate::resources::users::rows::{KeyedUser, read_users};
use rawdash_connector_sdk::contract::batch::Warning;
use rawdash_connector_sdk::contract::records::Entity;
use rawdash_connector_sdk::json::anomalies::Anomalies;
use rawdash_connector_sdk::paging::Reach;
use rawdash_connector_sdk::time::timestamp::{Milliseconds, Timestamp};

/// Failures of a search at one width before it counts as an outage.
const SLOW_ATTEMPTS: u32 = 3;

/// A span of the key: what of it is left to walk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// Its number in the walk.
    pub id: u32,
    from: Option<Timestamp>,
    /// Exclusive; `None` for the open end.
    to: Option<Timestamp>,
    reach: Reach,
    state: RangeState,
    #[serde(skip)]
    slow: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum RangeState {
    /// Walks page by page.
    Walking {
        size: PageSize,
        /// Ids at the instant `from` that were read already.
        known: Vec<String>,
    },
    /// Pages the set of users at the instant `from`, and then walks on.
    Paging { pass: Pass, size: PageSize },
    /// Looks for the key of a user that cannot be read, by its place from the
    /// begin of the range.
    Locating { place: Place, known: Vec<String> },
}

/// What a page of a range led to.
#[derive(Debug, Default)]
pub struct Walked {
    /// Users, as far as the page does not repeat known ones.
    pub users: Vec<Entity>,
    /// How many of them were not read before.
    pub fresh: u64,
    /// The newest key on the page.
    pub newest: Option<Timestamp>,
    /// Milliseconds of the key that the page spanned, where it was full.
    pub span: Option<Milliseconds>,
    /// Set when a set could not be read whole.
    pub warning: Option<Warning>,
    /// Set when users are certainly missing.
    pub incomplete: Option<String>,
    /// Whether the range is walked to its end.
    pub ended: bool,
}

/// What skipping a row led to.
#[derive(Debug)]
pub struct Skipped {
    /// Set when a row was given up.
    pub warning: Option<Warning>,
    /// Whether the range is walked to its end.
    pub ended: bool,
}

impl Range {
    /// A range from an instant, inclusive, or the beginning, to an instant,
    /// exclusive, or the open end.
    pub fn new(id: u32, from: Option<Timestamp>, to: Option<Timestamp>) -> Range {
        let state = RangeState::Walking { size: PageSize::MOST, known: Vec::new() };
        Range { id, from, to, reach: Reach::Whole, state, slow: 0 }
    }

    /// The next request; `until` bounds the open end.
    pub fn search(&self, key: Key, until: Timestamp) -> UserSearch {
        let (page, fields) = match &self.state {
            RangeState::Paging { pass, .. } => return pass.search(),
            RangeState::Walking { size, .. } => (Page::first(*size), UserFields::All),
            RangeState::Locating { place, .. } => (place.page(), UserFields::Position),
        };
        let condition = Condition::Range(key, self.from, self.search_end(until));
        UserSearch { condition, page, fields }
    }

    fn start(&self) -> Timestamp {
        self.from.unwrap_or_else(auth0_began)
    }

    /// Where the search ends: at the range's end, or before it where a search
    /// of all of it is too slow.
    fn search_end(&self, until: Timestamp) -> Option<Timestamp> {
        let last = self.to.unwrap_or_else(|| until.later_by(1));
        self.reach.end(self.start()).filter(|end| *end < last).or(self.to)
    }

    /// Takes the page in reply to [`Range::search`]; `None` when it cannot be
    /// used.
    pub fn take(
        &mut self,
        key: Key,
        page: &UsersPage<'_>,
        until: Timestamp,
        anomalies: &mut Anomalies,
    ) -> Option<Walked> {
        let rows = read_users(&page.rows, key, anomalies);
        self.slow = 0;
        let another = page.limit == Some(NEWEST) || self.is_of_another(key, &rows, until);
        match &self.state {
            RangeState::Paging { .. } => self.take_pass(page, rows, another),
            // Its rows would move this walk past those that it did not see.
            _ if another => None,
            RangeState::Locating { .. } => self.take_place(key, &rows, page.rows.len(), until),
            RangeState::Walking { .. } => self.take_range(key, page, rows, until),
        }
    }

    /// Whether a page answers another search, as a cache in between may: it has
    /// rows, and none where this one looks, or one that a pass over one creation
    /// does not. A user who logs in meanwhile may be shown with a later
    /// `updated_at`.
    fn is_of_another(&self, key: Key, rows: &[KeyedUser], until: Timestamp) -> bool {
        let end = match key {
            Key::UpdatedAt => None,
            Key::CreatedAt => self.search_end(until),
        };
        let mut keys = rows.iter().filter_map(|row| row.at).peekable();
        if key == Key::CreatedAt && matches!(self.state, RangeState::Paging { .. }) {
            return keys.any(|at| at != self.start());
        }
        let looks = |at: Timestamp| {
            self.from.is_none_or(|from| at >= from) && end.is_none_or(|end| at < end)
        };
        keys.peek().is_some() && !keys.any(looks)
    }

    fn take_pass(
        &mut self,
        page: &UsersPage<'_>,
        rows: Vec<KeyedUser>,
        another: bool,
    ) -> Option<Walked> {
        let RangeState::Paging { pass, size } = &mut self.state else { return None };
        let outcome = if another {
            pass.take_another(page.rows.len())
        } else {
            let ids = rows.iter().map(|row| row.user.id.clone()).collect();
            pass.take(page.rows.len(), ids, page.limit, page.total)
        };
        let size = *size;
        Some(Walked {
            newest: rows.iter().filter_map(|row| row.at).max(),
            users: rows.into_iter().map(|row| row.user).collect(),
            fresh: outcome.fresh,
            warning: outcome.warning,
            incomplete: outcome.incomplete,
            ended: outcome.over && self.leave_instant(size),
            span: None,
        })
    }

    /// Walks on behind the instant of a pass that is over; returns whether the
    /// range ends there.
    fn leave_instant(&mut self, size: PageSize) -> bool {
        self.state = RangeState::Walking { size: size.doubled(), known: Vec::new() };
        let left = self.start();
        self.from = Some(left.later_by(1));
        // Nothing lies behind the last instant there is.
        self.start() == left || self.to.is_some_and(|to| self.start() >= to)
    }

    /// The key of a user that cannot be read, or of the first one behind it
    /// whose key can, is the instant of a pass with single rows: it reads the
    /// neighbours and skips the user.
    fn take_place(
        &mut self,
        key: Key,
        rows: &[KeyedUser],
        count: usize,
        until: Timestamp,
    ) -> Option<Walked> {
        if count == 0 {
            let ended = self.leave_search(PageSize::ONE, until);
            return Some(Walked { ended, ..Walked::default() });
        }
        let at = rows.iter().find_map(|row| row.at)?;
        self.enter_pass(key, at, PageSize::ONE, Vec::new());
        Some(Walked::default())
    }

    /// Walks on behind the span that was searched to its end; returns whether
    /// the range ends there.
    fn leave_search(&mut self, size: PageSize, until: Timestamp) -> bool {
        self.state = RangeState::Walking { size, known: Vec::new() };
        let end = self.search_end(until);
        if end == self.to {
            return true;
        }
        self.from = end;
        self.reach = self.reach.widened();
        false
    }

    fn enter_pass(&mut self, key: Key, at: Timestamp, size: PageSize, known: Vec<String>) {
        self.from = Some(at);
        let pass = Pass::new(UserSet::Instant(key, at), size).after(known);
        self.state = RangeState::Paging { pass, size };
    }

    fn take_range(
        &mut self,
        key: Key,
        page: &UsersPage<'_>,
        rows: Vec<KeyedUser>,
        until: Timestamp,
    ) -> Option<Walked> {
        let RangeState::Walking { size, known } = &mut self.state else { return None };
        let size = *size;
        let newest = rows.iter().filter_map(|row| row.at).max();
        let mut walked = Walked { newest, ..Walked::default() };
        if page.rows.len() < size.limited(page.limit).get() as usize {
            walked.users = unknown(rows, known);
            walked.fresh = walked.users.len() as u64;
            walked.ended = self.leave_search(size, until);
            return Some(walked);
        }
        match newest {
            Some(last) if self.from.is_none_or(|from| last > from) => {
                let at_last = rows.iter().filter(|row| row.at == Some(last));
                let at_last = at_last.map(|row| row.user.id.clone()).collect();
                walked.span = self.from.map(|from| last.since(from));
                walked.ended = self.to.is_some_and(|to| last >= to);
                walked.users = unknown(rows, known);
                walked.fresh = walked.users.len() as u64;
                self.from = Some(last);
                self.reach = self.reach.widened();
                self.state = RangeState::Walking { size: size.doubled(), known: at_last };
            }
            // Full of one instant: a pass reads its rows.
            _ => {
                let (at, known) = (self.from?, std::mem::take(known));
                self.enter_pass(key, at, size, known);
            }
        }
        Some(walked)
    }

    /// A search took too long: searches half the span from now on. False when
    /// the span is a millisecond already, and has failed often enough to be an
    /// outage.
    pub fn narrow(&mut self, until: Timestamp) -> bool {
        self.slow += 1;
        if matches!(self.state, RangeState::Paging { .. }) || self.reach.is_narrowest() {
            return self.slow < SLOW_ATTEMPTS;
        }
        let end = self.search_end(until).unwrap_or_else(|| until.later_by(1));
        self.reach = Reach::half_of(end.since(self.start()));
        self.slow = 0;
        true
    }

    /// A page could not be read: requests half as many rows. False at one row.
    pub fn shrink(&mut self) -> bool {
        match &mut self.state {
            RangeState::Paging { pass, .. } => pass.shrink(),
            RangeState::Locating { .. } => false,
            RangeState::Walking { size, .. } => {
                let half = size.halved();
                *size = half.unwrap_or(*size);
                half.is_some()
            }
        }
    }

    /// Gives up a single row that cannot be read: requests its key, and where
    /// that cannot be read either, the key of the next. `None` when no key
    /// within reach can be read; the next attempt then begins at `from` again.
    pub fn skip(&mut self) -> Option<Skipped> {
        let (next, known) = match &mut self.state {
            RangeState::Paging { pass, size } => {
                let (outcome, size) = (pass.skip(), *size);
                let ended = outcome.over && self.leave_instant(size);
                return Some(Skipped { warning: outcome.warning, ended });
            }
            RangeState::Walking { known, .. } => (Some(Place::FIRST), std::mem::take(known)),
            RangeState::Locating { place, known } => (place.next(), std::mem::take(known)),
        };
        let Some(place) = next else {
            self.state = RangeState::Walking { size: PageSize::ONE, known };
            return None;
        };
        self.state = RangeState::Locating { place, known };
        let warning = (place != Place::FIRST).then(|| Warning {
            code: "user-unreadable",
            message: format!(
                "users from {} on: one could not be read, not even its position, and was skipped.",
                self.start()
            ),
            count: 1,
        });
        Some(Skipped { warning, ended: false })
    }

    /// Cuts the range in two halves and returns the later one; `None` when
    /// there is too little left.
    pub fn split(&mut self, id: u32, until: Timestamp, least: Milliseconds) -> Option<Range> {
        let from = self.from?;
        let rest = self.rest(until);
        let whole = self.reach == Reach::Whole;
        if rest < least.saturating_mul(2)
            || matches!(self.state, RangeState::Paging { .. })
            || !whole
        {
            return None;
        }
        let middle = from.later_by(rest / 2);
        let later = Range::new(id, Some(middle), self.to);
        self.to = Some(middle);
        Some(later)
    }

    /// Milliseconds of the key that are left to walk.
    pub fn rest(&self, until: Timestamp) -> Milliseconds {
        self.to.unwrap_or(until).since(self.start())
    }
}

/// The users that are not among the known ones.
fn unknown(rows: Vec<KeyedUser>, known: &[String]) -> Vec<Entity> {
    rows.into_iter().map(|row| row.user).filter(|user| !known.contains(&user.id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::page::PAGEABLE;

    #[test]
    fn a_page_full_of_the_last_instant_there_is_does_not_keep_the_walk_for_ever() {
        let until = auth0_began();
        let last = until.later_by(i64::MAX);
        let rows: Vec<String> = (0..PageSize::MOST.get())
            .map(|row| format!(r#"{{"user_id":"{row}","created_at":"{last}"}}"#))
            .collect();
        let full = format!(r#"{{"total":{},"users":[{}]}}"#, rows.len(), rows.join(","));
        let mut range = Range::new(0, None, None);
        for _ in 0..20 {
            let search = range.search(Key::CreatedAt, until);
            // The set has no second page.
            let first = search.page.number() == 0;
            let body = if first { full.as_str() } else { r#"{"total":100,"users":[]}"# };
            let page = UsersPage::read(body).unwrap();
            let anomalies = &mut Anomalies::default();
            if range.take(Key::CreatedAt, &page, until, anomalies).unwrap().ended {
                return;
            }
        }
        panic!("requests {:?} again", range.search(Key::CreatedAt, until));
    }

    #[test]
    fn a_place_out_of_reach_is_not_requested_by_the_next_run() {
        let mut range = Range::new(0, None, None);
        while range.shrink() {}
        let skipped = (0..=PAGEABLE).take_while(|_| range.skip().is_some()).count();
        assert_eq!(skipped as u32, PAGEABLE);
        let search = range.search(Key::CreatedAt, auth0_began());
        assert_eq!((search.page, search.fields), (Page::first(PageSize::ONE), UserFields::All));
    }
}
