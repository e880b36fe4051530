//! Users that the log says were deleted.
//!
//! A log row only nominates: an id can be used again, and Auth0's schema leaves
//! open whose id the row carries. Each nominated user is requested by id, which
//! bypasses the search index, once the users are read.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::api::log::LogRow;
use crate::api::user::{LONGEST_ID, UserRow};
use crate::records::user;
use crate::resources::OVERLAP;
use rawdash_connector_sdk::contract::batch::{Effect, Warning};
use rawdash_connector_sdk::contract::records::{Entity, Records};
use rawdash_connector_sdk::json::anomalies::Anomalies;
use rawdash_connector_sdk::json::object::FromObject;
use rawdash_connector_sdk::resource::PageOutcome;
use rawdash_connector_sdk::time::timestamp::Timestamp;

/// The log type of a deleted user.
const DELETED: &str = "sdu";
/// Nominations that the checkpoint holds; with more, the next run is full.
const MOST: usize = 1000;
/// Bytes of their ids: a checkpoint has an end.
const MOST_BYTES: usize = 128 * 1024;

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
    overflowed: bool,
}

impl Deletions {
    /// Whether the connector can have written this.
    pub fn is_sound(&self) -> bool {
        let named = |nomination: &Nomination| (1..=LONGEST_ID).contains(&nomination.user_id.len());
        self.nominated.len() <= MOST && self.nominated.iter().all(named)
    }

    /// At the begin of a run of users every nomination is open again.
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
        let held: usize = self.nominated.iter().map(|known| known.user_id.len()).sum();
        if self.nominated.len() < MOST && held + user_id.len() <= MOST_BYTES {
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

    /// The id of the next user to request.
    pub fn next(&self) -> Option<&str> {
        let open = self.nominated.iter().find(|nomination| !nomination.looked_up)?;
        Some(&open.user_id)
    }

    /// A walk over all users that begins now finds every deletion up to now.
    pub fn forget_overflow(&mut self) {
        self.overflowed = false;
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
    pub fn there(&mut self, user_id: &str, body: &str, date: Timestamp) -> Option<PageOutcome> {
        let (user, anomalies) = read_user(body)?;
        self.settle(user_id, date);
        let outcome = PageOutcome::of(Records::Entities(vec![user]), Effect::Merge);
        Some(PageOutcome { anomalies, ..outcome })
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

/// A user that was requested by id; `None` where the answer cannot be read.
pub fn read_user(body: &str) -> Option<(Entity, Anomalies)> {
    let mut anomalies = Anomalies::default();
    let user = user::entity(&UserRow::read_text(body)?, &mut anomalies)?;
    Some((user, anomalies))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::auth0_began;

    fn at(minutes: i64) -> Timestamp {
        auth0_began().later_by(minutes * 60_000)
    }

    #[test]
    fn a_recent_nomination_is_looked_up_again_by_the_next_run() {
        let mut deletions = Deletions::default();
        deletions.nominate("a".into(), at(0));
        deletions.nominate("b".into(), at(50));
        deletions.gone("a", at(60));
        deletions.gone("b", at(60));
        assert_eq!(deletions.next(), None);
        deletions.begin();
        assert_eq!(deletions.next(), Some("b"));
        deletions.gone("b", at(120));
        deletions.begin();
        assert_eq!(deletions.next(), None);
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
