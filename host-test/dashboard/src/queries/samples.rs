//! Logins and sign-ups per day, from Auth0's statistics.

use super::{Reader, STATISTICS, Table, moment, text};
use crate::snapshot::{Days, Series, Shape};

pub(super) const SQL: &str = "
    SELECT ts, value, CASE WHEN json_valid(attributes) THEN attributes ->> '$.kind' END
    FROM metrics WHERE connector_id = ?1 AND name = ?2 AND ts BETWEEN ?3 AND ?4
    LIMIT 10000";

/// Reads them. A day without a sample is not known, and not a day without logins: Auth0
/// reports neither.
pub(super) fn per_day(reader: Reader<'_>, days: Days) -> rusqlite::Result<(Series, Series)> {
    let (mut logins, mut signups) = (Series::unknown(), Series::unknown());
    if !reader.tables.has(Table::Rows(Shape::Metric)) {
        return Ok((logins, signups));
    }
    let mut statement = reader.connection.prepare(SQL)?;
    let span = (days.first().start(), days.last.end());
    let mut rows = statement.query((reader.connector, STATISTICS, span.0, span.1))?;
    while let Some(row) = rows.next()? {
        let place = moment(row, 0)?.and_then(|at| days.place(at.day()));
        let value: Option<f64> = row.get(1).ok();
        let (Some(place), Some(value)) = (place, value) else { continue };
        // A cast to an integer makes nothing of what is not a number, and saturates.
        let value = value.round() as u64;
        match text(row, 2)?.as_deref() {
            Some("logins") => logins.add(place, value),
            Some("signups") => signups.add(place, value),
            _ => {}
        }
    }
    Ok((logins, signups))
}
