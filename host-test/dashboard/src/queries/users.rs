//! All users: how many, how many of them blocked, and when they were created.

use super::{Reader, USERS, count, moment};
use crate::snapshot::{Days, Moment, Series, Users};

/// Users that are looked at, one by one. Their number alone needs no such look.
const LOOKED_AT: u64 = 1_000_000;

/// Users that one statement reads, so that a writer that has to wait for it does not
/// wait long.
const TOGETHER: u32 = 10_000;

/// What is asked of each user is in the attributes, which no index covers. By `rowid` the
/// users come in the order in which they lie in the file: by their random ids, a million
/// of them took twice as long.
pub(super) const SQL: &str = "
    SELECT rowid, updated_at,
        CASE WHEN json_valid(attributes) THEN attributes ->> '$.createdAt' END,
        CASE WHEN json_valid(attributes) THEN attributes -> '$.blocked' = 'true' END
    FROM entities WHERE connector_id = ?1 AND type = ?2 AND rowid > ?3 ORDER BY rowid LIMIT ?4";

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
    let mut after = Some(i64::MIN);
    while let Some(last) = after.take() {
        let mut read = 0;
        let mut statement = reader.connection.prepare_cached(SQL)?;
        let mut rows = statement.query((reader.connector, USERS, last, TOGETHER))?;
        while let Some(row) = rows.next()? {
            read += 1;
            newest = newest.max(moment(row, 1)?.filter(|at| *at <= reader.now));
            if let Some(place) = moment(row, 2)?.and_then(|at| days.place(at.day())) {
                created.add(place, 1);
            }
            blocked += count(row, 3)?;
            if read == TOGETHER {
                after = Some(row.get(0)?);
            }
        }
    }
    Ok((Users { total, blocked: Some(blocked), created }, newest))
}
