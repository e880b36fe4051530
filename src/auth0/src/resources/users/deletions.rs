//! Users that the log says were deleted.
//!
//! A log row only nominates: an id can be used again, and Auth0's schema leaves
//! open whose id the row carries. Each nominated user is requested by id, which
//! bypasses the search index, once the users are read.

use rawdash_connector_sdk::census::Nominations;
use rawdash_connector_sdk::contract::batch::{Effect, Warning};
use rawdash_connector_sdk::contract::records::{Entity, Records};
use rawdash_connector_sdk::json::anomalies::Anomalies;
use rawdash_connector_sdk::json::object::FromObject;
use rawdash_connector_sdk::resource::PageOutcome;
use rawdash_connector_sdk::time::timestamp::Timestamp;

use crate::api::log::LogRow;
use crate::api::user::{LONGEST_ID, UserRow};
use crate::records::user;
use crate::resources::OVERLAP;

/// The log type of a row that reports a deleted user.
pub const DELETED: &str = "sdu";

/// Nominates the user of a log row of the type [`DELETED`]; `seen_at` stands in
/// for a date that cannot be read. Warns the first time that there are too many.
pub fn nominate(
    deletions: &mut Nominations,
    row: &LogRow<'_>,
    seen_at: impl FnOnce() -> Timestamp,
) -> Option<Warning> {
    let ignored = &mut Anomalies::default();
    let user_id = row.user_id.text("user_id", ignored).filter(|id| id.len() <= LONGEST_ID)?;
    let at = row.date.timestamp("date", ignored).unwrap_or_else(seen_at);
    deletions.nominate(&user_id, at).then(|| {
        let message = format!(
            "More than {} users were deleted since the last run; the next automatic run is full, and removes all deleted users.",
            Nominations::MOST
        );
        Warning::new("deletions-overflow", message)
    })
}

/// The user is deleted.
pub fn gone(deletions: &mut Nominations, user_id: &str, date: Timestamp) -> PageOutcome {
    deletions.settle(user_id, date, OVERLAP);
    PageOutcome::of(Records::Removals(vec![user_id.to_owned()]), Effect::Merge)
}

/// The user exists; `None` when the answer cannot be read.
pub fn there(
    deletions: &mut Nominations,
    user_id: &str,
    body: &str,
    date: Timestamp,
) -> Option<PageOutcome> {
    let (user, anomalies) = read_user(body)?;
    deletions.settle(user_id, date, OVERLAP);
    let outcome = PageOutcome::of(Records::Entities(vec![user]), Effect::Merge);
    Some(PageOutcome { anomalies, ..outcome })
}

/// The user cannot be looked up; a full run finds out.
pub fn give_up(deletions: &mut Nominations, user_id: &str, date: Timestamp) -> PageOutcome {
    deletions.settle(user_id, date, OVERLAP);
    let message =
        "A user that may have been deleted could not be requested; the next full run finds out.";
    PageOutcome::warning(Warning::new("deletion-unknown", message))
}

/// A user that was requested by id; `None` where the answer cannot be read.
pub fn read_user(body: &str) -> Option<(Entity, Anomalies)> {
    let mut anomalies = Anomalies::default();
    let user = user::entity(&UserRow::read_text(body)?, &mut anomalies)?;
    Some((user, anomalies))
}
