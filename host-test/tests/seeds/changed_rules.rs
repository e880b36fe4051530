//! The rules that have changed since, by which rows differ. Whatever else differs
//! is a loss.

use std::collections::BTreeSet;

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::fixture::Histories;
use super::rows::Left;
use crate::support::auth0::{Auth0, TYPES};

/// The kind of the events whose `date` cannot be read. They were skipped; now they
/// have the time that their id states.
pub(crate) const DATED_BY_ID: &str = "events dated by their id";

/// Why a history leaves other users.
#[derive(Clone, Copy)]
enum Changed {
    /// Users were lost without a word: the answer to the search for the newest
    /// change, served again, was taken for a page of the walk, which moved past the
    /// users before it. Now a page of another search is refused, and the rows are
    /// those without a fault.
    PageOfAnotherSearch,
    /// Searches are answered with an empty page although Auth0 counts users. That was
    /// a success; now the command fails. The next one meets the rest of the empty
    /// pages, also where it counts, so both lose users, and not the same ones: they
    /// are not compared.
    EmptyPages,
}

/// The histories that leave other users.
const CHANGED: [(u64, &str, Changed); 3] = [
    (4, "page that does not advance: full sync, Users 4, 4 times", Changed::EmptyPages),
    (5, "page served again: full sync, Users 2", Changed::PageOfAnotherSearch),
    (8, "page that does not advance: full sync, Users 2, 4 times", Changed::PageOfAnotherSearch),
];

/// The name of the history of a seed in which nothing goes wrong.
pub(crate) const NO_FAULT: &str = "no fault";

/// How what a history leaves now differs, by what each left before. A fault that is
/// newer than the fixture must cost nothing.
pub(crate) fn difference(before: &Histories, seed: u64, name: &str, now: &Left) -> Option<String> {
    let of = |name: &str| before.get(&(seed, name.to_owned())).cloned();
    let (mut wanted, mut now) = (of(name).or_else(|| of(NO_FAULT))?, now.clone());
    let changed = CHANGED.iter().find(|(of, named, _)| (*of, *named) == (seed, name));
    match changed.map(|(.., why)| why) {
        Some(Changed::PageOfAnotherSearch) => wanted = of(NO_FAULT)?,
        Some(Changed::EmptyPages) => {
            wanted.take("entities");
            now.take("entities");
        }
        None => {}
    }
    now.take(DATED_BY_ID);
    (now != wanted).then(|| format!("seed {seed}, {name}: {now:?}, not {wanted:?}"))
}

/// The ids of the log rows that are to be stored, whose `date` cannot be read, and
/// whose id states a time.
pub(crate) fn dated_by_id(auth0: &Auth0) -> BTreeSet<String> {
    let state = auth0.tenant.state();
    let logs = state.logs().filter(|log| TYPES.contains(&log.kind.as_str()));
    let undated = logs.filter(|log| {
        let row: Value = serde_json::from_str(&log.json).unwrap();
        let date = row["date"].as_str().and_then(|date| OffsetDateTime::parse(date, &Rfc3339).ok());
        let timed = ["800", "900"].iter().any(|form| log.id.starts_with(form));
        row.is_object() && date.is_none() && timed
    });
    undated.map(|log| log.id).collect()
}
