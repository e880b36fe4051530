//! Users that the log says were deleted.
//!
//! A log row only nominates: an id can come back, and Auth0's schema leaves
//! open whose id the row carries. Each nominated user is asked for by id, past
//! the search index, once the run's users are complete.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::auth0::cell::{Oddities, Row};
use crate::auth0::log::LogRow;
use crate::auth0::request::Request;
use crate::auth0::user::{LONGEST_ID, UserRow};
use crate::rawdash::record::{Effect, Records, Warning};
use crate::rawdash::user;
use crate::run::{OVERLAP, Yield};
use crate::timestamp::Timestamp;

/// The log type of a deleted user.
const DELETED: &str = "sdu";
/// Nominations that the checkpoint holds; more and the next run is full.
const MOST: usize = 1000;

/// A user to ask for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Nomination {
    user_id: String,
    at: Timestamp,
    /// Asked for in this run; kept because the search index, read by the next
    /// run, may still show the user.
    asked: bool,
}

/// The nominated users.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Deletions {
    nominated: Vec<Nomination>,
    /// More than can be held were nominated.
    pub overflowed: bool,
}

impl Deletions {
    /// Whether a run can have come to this.
    pub fn is_sound(&self) -> bool {
        let named = |nomination: &Nomination| (1..=LONGEST_ID).contains(&nomination.user_id.len());
        self.nominated.len() <= MOST && self.nominated.iter().all(named)
    }

    /// At a run's begin every nomination is open again.
    pub fn begin(&mut self) {
        for nomination in &mut self.nominated {
            nomination.asked = false;
        }
    }

    /// Takes note of a log row if it tells of a deletion; `seen_at` stands in
    /// for a date that cannot be read. A warning the first time that there are
    /// too many.
    pub fn consider(&mut self, row: &LogRow<'_>, seen_at: Timestamp) -> Option<Warning> {
        let ignored = &mut Oddities::default();
        if row.kind.text("type", ignored).as_deref() != Some(DELETED) {
            return None;
        }
        let user_id = row.user_id.text("user_id", ignored).filter(|id| id.len() <= LONGEST_ID)?;
        let at = row.date.timestamp("date", ignored).unwrap_or(seen_at);
        self.nominate(user_id, at)
    }

    fn nominate(&mut self, user_id: Cow<'_, str>, at: Timestamp) -> Option<Warning> {
        if let Some(known) = self.nominated.iter_mut().find(|known| known.user_id == user_id) {
            known.at = known.at.max(at);
            known.asked = false;
            return None;
        }
        if self.nominated.len() < MOST {
            self.nominated.push(Nomination { user_id: user_id.into_owned(), at, asked: false });
            return None;
        }
        let first = !std::mem::replace(&mut self.overflowed, true);
        first.then(|| Warning {
            code: "deletions-overflow",
            message: format!("More than {MOST} users were deleted since the last run; the next automatic run is full, and removes all that are gone."),
            count: 1,
        })
    }

    /// Whom to ask for next.
    pub fn request(&self) -> Option<Request> {
        let open = self.nominated.iter().find(|nomination| !nomination.asked)?;
        Some(Request::User(open.user_id.clone()))
    }

    /// The user is gone.
    pub fn gone(&mut self, user_id: &str, date: Timestamp) -> Yield {
        self.settle(user_id, date);
        Yield {
            records: vec![(Records::Removals(vec![user_id.to_owned()]), Effect::Merge)],
            ..Yield::default()
        }
    }

    /// The user is there; none when the answer cannot be read.
    pub fn there(
        &mut self,
        user_id: &str,
        body: &str,
        date: Timestamp,
        odd: &mut Oddities,
    ) -> Option<Yield> {
        let raw: &RawValue = serde_json::from_str(body).ok()?;
        let user = user::entity(&UserRow::read(raw)?, odd)?;
        self.settle(user_id, date);
        Some(Yield {
            records: vec![(Records::Entities(vec![user]), Effect::Merge)],
            ..Yield::default()
        })
    }

    /// Nothing can be learned of the user; a full run will tell.
    pub fn give_up(&mut self, user_id: &str, date: Timestamp) -> Yield {
        self.settle(user_id, date);
        Yield {
            warnings: vec![Warning {
                code: "deletion-unknown",
                message: "A user who may have been deleted could not be asked for; the next full run tells.".to_owned(),
                count: 1,
            }],
            ..Yield::default()
        }
    }

    fn settle(&mut self, user_id: &str, date: Timestamp) {
        self.nominated.retain_mut(|nomination| {
            if nomination.user_id != user_id {
                return true;
            }
            nomination.asked = true;
            date.since(nomination.at) < OVERLAP
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::AUTH0_BEGAN.later_by(minutes * 60_000)
    }

    #[test]
    fn a_young_nomination_is_asked_again_by_the_next_run() {
        let mut deletions = Deletions::default();
        deletions.nominate("a".into(), at(0));
        deletions.nominate("b".into(), at(50));
        deletions.gone("a", at(60));
        deletions.gone("b", at(60));
        assert_eq!(deletions.request(), None);
        deletions.begin();
        assert_eq!(deletions.request(), Some(Request::User("b".to_owned())));
        deletions.gone("b", at(120));
        deletions.begin();
        assert_eq!(deletions.request(), None);
    }

    #[test]
    fn too_many_are_told_once() {
        let mut deletions = Deletions::default();
        let told =
            (0..MOST + 5).filter_map(|n| deletions.nominate(n.to_string().into(), at(0))).count();
        assert_eq!((told, deletions.overflowed), (1, true));
    }

    #[test]
    fn stored_nominations_of_nobody_are_not_sound() {
        let mut deletions = Deletions::default();
        deletions.nominate("a".into(), at(0));
        assert!(deletions.is_sound());
        deletions.nominate("".into(), at(0));
        assert!(!deletions.is_sound());
    }
}
