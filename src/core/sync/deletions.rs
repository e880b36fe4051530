//! Users that the log says were deleted.
//!
//! A log row only nominates: an id can be used again, and Auth0's schema leaves
//! open whose id the row carries. Each nominated user is requested by id, which
//! bypasses the search index, once the users are read.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::auth0::log::LogRow;
use crate::auth0::request::Request;
use crate::auth0::user::{LONGEST_ID, UserRow};
use crate::engine::timestamp::Timestamp;
use crate::json::anomalies::Anomalies;
use crate::json::object::FromObject;
use crate::rawdash::record::{Effect, Records, Warning};
use crate::rawdash::user;
use crate::sync::OVERLAP;
use crate::sync::page_outcome::PageOutcome;

/// The log type of a deleted user.
const DELETED: &str = "sdu";
/// Nominations that the checkpoint holds; with more, the next run is full.
const MOST: usize = 1000;

/// A user to request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Nomination {
    user_id: String,
    at: Timestamp,
    /// Set when it was looked up in this run; it stays because the search index,
    /// read by the next run, may still show the user.
    looked_up: bool,
}

/// The nominated users.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Deletions {
    nominated: Vec<Nomination>,
    /// More than can be held were nominated.
    pub overflowed: bool,
}

impl Deletions {
    /// Whether the connector can have written this.
    pub fn is_sound(&self) -> bool {
        let named = |nomination: &Nomination| (1..=LONGEST_ID).contains(&nomination.user_id.len());
        self.nominated.len() <= MOST && self.nominated.iter().all(named)
    }

    /// At a run's begin every nomination is open again.
    pub fn begin(&mut self) {
        for nomination in &mut self.nominated {
            nomination.looked_up = false;
        }
    }

    /// Nominates the user of a log row that reports a deletion; `seen_at` stands
    /// in for a date that cannot be read. Warns the first time that there are too
    /// many.
    pub fn consider(&mut self, row: &LogRow<'_>, seen_at: Timestamp) -> Option<Warning> {
        let ignored = &mut Anomalies::default();
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
            known.looked_up = false;
            return None;
        }
        if self.nominated.len() < MOST {
            self.nominated.push(Nomination { user_id: user_id.into_owned(), at, looked_up: false });
            return None;
        }
        let first = !std::mem::replace(&mut self.overflowed, true);
        first.then(|| Warning {
            code: "deletions-overflow",
            message: format!("More than {MOST} users were deleted since the last run; the next automatic run is full, and removes all deleted users."),
            count: 1,
        })
    }

    /// The next user to request.
    pub fn request(&self) -> Option<Request> {
        let open = self.nominated.iter().find(|nomination| !nomination.looked_up)?;
        Some(Request::User(open.user_id.clone()))
    }

    /// The user is deleted.
    pub fn gone(&mut self, user_id: &str, date: Timestamp) -> PageOutcome {
        self.settle(user_id, date);
        PageOutcome {
            records: vec![(Records::Removals(vec![user_id.to_owned()]), Effect::Merge)],
            ..PageOutcome::default()
        }
    }

    /// The user exists; `None` when the reply cannot be read.
    pub fn there(
        &mut self,
        user_id: &str,
        body: &str,
        date: Timestamp,
        anomalies: &mut Anomalies,
    ) -> Option<PageOutcome> {
        let raw: &RawValue = serde_json::from_str(body).ok()?;
        let user = user::entity(&UserRow::read(raw)?, anomalies)?;
        self.settle(user_id, date);
        Some(PageOutcome {
            records: vec![(Records::Entities(vec![user]), Effect::Merge)],
            ..PageOutcome::default()
        })
    }

    /// The user cannot be looked up; a full run finds out.
    pub fn give_up(&mut self, user_id: &str, date: Timestamp) -> PageOutcome {
        self.settle(user_id, date);
        PageOutcome {
            warnings: vec![Warning {
                code: "deletion-unknown",
                message: "A user that may have been deleted could not be requested; the next full run finds out.".to_owned(),
                count: 1,
            }],
            ..PageOutcome::default()
        }
    }

    fn settle(&mut self, user_id: &str, date: Timestamp) {
        self.nominated.retain_mut(|nomination| {
            if nomination.user_id != user_id {
                return true;
            }
            nomination.looked_up = true;
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
    fn a_recent_nomination_is_looked_up_again_by_the_next_run() {
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
    fn too_many_are_reported_once() {
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
