//! All users: how many, how many of them blocked, and when they were created.

use super::{Reader, USERS, count, moment, text};
use crate::snapshot::{Days, Moment, Series, Users};

/// Users that are looked at, one by one. Their number alone needs no such look.
const LOOKED_AT: u64 = 1_000_000;

/// Users that one statement reads, so that a writer that has to wait for it does not
/// wait long.
const TOGETHER: u64 = 10_000;

/// A user's time of creation and whether blocked are in the attributes, which no index
/// covers.
pub(super) const SQL: &str = "
    SELECT id, updated_at,
        CASE WHEN json_valid(attributes) THEN attributes ->> '$.createdAt' END,
        CASE WHEN json_valid(attributes) THEN attributes -> '$.blocked' = 'true' END
    FROM entities WHERE connector_id = ?1 AND type = ?2 AND id > ?3 ORDER BY id LIMIT ?4";

/// Reads them, and when the newest was updated.
pub(super) fn read(
    reader: Reader<'_>,
    total: u64,
    days: Days,
) -> rusqlite::Result<(Users, Option<Moment>)> {
    if total == 0 || total > LOOKED_AT {
        let blocked = (total == 0).then_some(0);
        return Ok((Users { total, blocked, created: Series::unknown() }, None));
    }
    let mut created = Series::zero();
    let (mut blocked, mut newest) = (0, None);
    // A user's id is never empty.
    let mut last = String::new();
    loop {
        let mut read = 0;
        let mut statement = reader.connection.prepare_cached(SQL)?;
        let limit = i64::try_from(TOGETHER).unwrap_or(i64::MAX);
        let mut rows = statement.query((reader.connector, USERS, &last, limit))?;
        let mut next = None;
        while let Some(row) = rows.next()? {
            read += 1;
            newest = newest.max(moment(row, 1)?);
            if let Some(place) = moment(row, 2)?.and_then(|at| days.place(at.day())) {
                created.add(place, 1);
            }
            blocked += count(row, 3)?;
            if read == TOGETHER {
                next = text(row, 0)?;
            }
        }
        match next {
            Some(id) if id > last => last = id,
            _ => break,
        }
    }
    Ok((Users { total, blocked: Some(blocked), created }, newest))
}
