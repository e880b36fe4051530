//! The numbers, read from rawdash's tables. Each statement finds its rows by an index
//! that rawdash's schema has, or reads a bounded number of them.

mod events;
mod resources;
mod samples;
mod sync_state;
mod tables;
mod users;

use std::path::Path;

use rusqlite::{Connection, Row};
use time::OffsetDateTime;

use crate::queries::tables::{Table, Tables};
use crate::snapshot::{Activity, Days, Found, Logins, Moment, Numbers, Resource, Shape, Snapshot};

/// The users of Auth0, as entities.
const USERS: &str = "auth0_user";
/// Its login events.
const LOGIN_EVENTS: &str = "auth0_login_event";
/// Its daily statistics, as a metric.
const STATISTICS: &str = "auth0_daily_active_users";

/// One connector in an open database.
#[derive(Clone, Copy)]
struct Reader<'a> {
    connection: &'a Connection,
    connector: &'a str,
    tables: Tables,
    now: Moment,
}

/// Reads everything.
pub(crate) fn snapshot(
    connection: &Connection,
    path: &Path,
    connector: &str,
    now: OffsetDateTime,
) -> rusqlite::Result<Snapshot> {
    let taken = Moment::of(now);
    let tables = tables::find(connection)?;
    let reader = Reader { connection, connector, tables, now: taken };
    let file = path.file_name().unwrap_or(path.as_os_str());
    Ok(Snapshot {
        connector: connector.to_owned(),
        file: file.to_string_lossy().into_owned(),
        taken,
        found: if tables.is_empty() { Found::NoTables } else { found(reader)? },
    })
}

fn found(reader: Reader<'_>) -> rusqlite::Result<Found> {
    let sync = sync_state::read(reader)?;
    let mut resources = resources::read(reader)?;
    if resources.is_empty() && sync.last_sync.is_none() {
        return Ok(Found::NoConnector { others: tables::connectors(reader)? });
    }
    let of_auth0 =
        [(USERS, Shape::Entity), (LOGIN_EVENTS, Shape::Event), (STATISTICS, Shape::Metric)];
    let is_auth0 =
        |resource: &Resource| of_auth0.contains(&(resource.name.as_str(), resource.shape));
    let activity = match resources.iter().any(is_auth0) {
        true => Some(activity(reader, &mut resources)?),
        false => None,
    };
    if activity.is_some() || resources.is_empty() {
        resources::add_missing(&mut resources, &of_auth0);
    }
    let events = events::newest(reader, &resources)?;
    Ok(Found::Connector(Box::new(Numbers { sync, resources, activity, events })))
}

fn activity(reader: Reader<'_>, resources: &mut [Resource]) -> rusqlite::Result<Activity> {
    let rows = |resources: &[Resource], name| {
        let found = resources.iter().find(|resource| resource.name == name);
        found.map_or(0, |resource| resource.rows)
    };
    let days = shown_days(resources, reader.now);
    let (users, newest) = users::read(reader, rows(resources, USERS), days)?;
    if let Some(resource) = resources.iter_mut().find(|resource| resource.name == USERS) {
        resource.newest = resource.newest.max(newest);
    }
    let logged = events::per_day(reader, days)?;
    let (logins, signups) = samples::per_day(reader, days)?;
    let logins = match rows(resources, STATISTICS) {
        0 => Logins::Events(logged.logins),
        _ => Logins::Statistics(logins),
    };
    let events::PerDay { wrong_passwords, other_failures, .. } = logged;
    Ok(Activity { days, users, logins, wrong_passwords, other_failures, signups })
}

/// The last days up to today; those up to the newest row, where no row is of these.
fn shown_days(resources: &[Resource], now: Moment) -> Days {
    let today = Days { last: now.day() };
    // A row without a time has zero.
    let known = |at: &Moment| at.0 > 0;
    match resources.iter().filter_map(|resource| resource.newest).filter(known).max() {
        Some(newest) if newest.day() < today.first() => Days { last: newest.day() },
        _ => today,
    }
}

/// A text, whatever a writer has put in its place; none for null and the empty text.
fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<String>> {
    use rusqlite::types::ValueRef;
    let text = match row.get_ref(column)? {
        ValueRef::Null => return Ok(None),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into_owned(),
    };
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// A moment; none for what is not a number.
fn moment(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Moment>> {
    use rusqlite::types::ValueRef;
    Ok(match row.get_ref(column)? {
        ValueRef::Integer(number) => Some(Moment(number)),
        // A cast to an integer saturates.
        ValueRef::Real(number) if number.is_finite() => Some(Moment(number as i64)),
        _ => None,
    })
}

/// A count. SQLite's integers are signed.
fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: Option<i64> = row.get(column)?;
    Ok(number.and_then(|number| u64::try_from(number).ok()).unwrap_or(0))
}

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;
