//! Login events: per day, and the newest of all events.

use rusqlite::OptionalExtension;

use super::{LOGIN_EVENTS, Reader, Table, USERS, count, moment, text};
use crate::snapshot::{Days, Event, Moment, Resource, Series, Shape};

/// Events that are looked at, one by one, for what their attributes say. Earlier days
/// are left out.
const LOOKED_AT: u64 = 1_000_000;

/// The newest events that are shown.
const NEWEST: u32 = 20;

pub(super) const FIRST: &str =
    "SELECT min(start_ts) FROM events WHERE connector_id = ?1 AND name = ?2";

pub(super) const IN_A_DAY: &str = "
    SELECT count(*) FROM events
    WHERE connector_id = ?1 AND name = ?2 AND start_ts BETWEEN ?3 AND ?4";

pub(super) const BY_TYPE: &str = "
    SELECT sum(type = 's'), sum(type = 'fp'), sum(type IN ('f', 'fu')) FROM (
        SELECT CASE WHEN json_valid(attributes) THEN attributes ->> '$.type' END AS type
        FROM events WHERE connector_id = ?1 AND name = ?2 AND start_ts BETWEEN ?3 AND ?4
    )";

pub(super) const NEWEST_OF_A_RESOURCE: &str = "
    SELECT start_ts,
        CASE WHEN json_valid(attributes) THEN attributes ->> '$.type' END,
        CASE WHEN json_valid(attributes) THEN attributes ->> '$.userId' END,
        CASE WHEN json_valid(attributes) THEN attributes ->> '$.connection' END,
        CASE WHEN json_valid(attributes) THEN attributes ->> '$.ip' END
    FROM events WHERE connector_id = ?1 AND name = ?2 ORDER BY start_ts DESC, id DESC LIMIT ?3";

pub(super) const EMAIL: &str = "
    SELECT CASE WHEN json_valid(attributes) THEN attributes ->> '$.email' END
    FROM entities WHERE connector_id = ?1 AND type = ?2 AND id = ?3";

/// Login events, by day.
pub(super) struct PerDay {
    pub(super) logins: Series,
    pub(super) wrong_passwords: Series,
    pub(super) other_failures: Series,
}

/// Counts them, from the last day back as far as the number of events allows. Nothing is
/// known of a day before the first event.
pub(super) fn per_day(reader: Reader<'_>, days: Days) -> rusqlite::Result<PerDay> {
    let mut per_day = PerDay {
        logins: Series::unknown(),
        wrong_passwords: Series::unknown(),
        other_failures: Series::unknown(),
    };
    let Some(first) = first(reader)? else { return Ok(per_day) };
    let mut statement = reader.connection.prepare(BY_TYPE)?;
    let mut left = LOOKED_AT;
    for day in days.each().rev().take_while(|day| *day >= first.day()) {
        let span = (reader.connector, LOGIN_EVENTS, day.start(), day.end());
        let events =
            reader.connection.prepare_cached(IN_A_DAY)?.query_row(span, |row| count(row, 0))?;
        match left.checked_sub(events) {
            Some(rest) => left = rest,
            None => break,
        }
        let [logins, wrong_passwords, other_failures] = statement
            .query_row(span, |row| Ok([count(row, 0)?, count(row, 1)?, count(row, 2)?]))?;
        if let Some(place) = days.place(day) {
            per_day.logins.add(place, logins);
            per_day.wrong_passwords.add(place, wrong_passwords);
            per_day.other_failures.add(place, other_failures);
        }
    }
    Ok(per_day)
}

fn first(reader: Reader<'_>) -> rusqlite::Result<Option<Moment>> {
    if !reader.tables.has(Table::Rows(Shape::Event)) {
        return Ok(None);
    }
    reader.connection.query_row(FIRST, (reader.connector, LOGIN_EVENTS), |row| moment(row, 0))
}

/// The newest events of all resources.
pub(super) fn newest(reader: Reader<'_>, resources: &[Resource]) -> rusqlite::Result<Vec<Event>> {
    let mut events = Vec::new();
    let stored = |resource: &&Resource| resource.shape == Shape::Event && resource.rows > 0;
    for resource in resources.iter().filter(stored) {
        let mut statement = reader.connection.prepare_cached(NEWEST_OF_A_RESOURCE)?;
        let mut rows = statement.query((reader.connector, &resource.name, NEWEST))?;
        while let Some(row) = rows.next()? {
            events.push(Event {
                at: moment(row, 0)?.unwrap_or(Moment(0)),
                resource: resource.name.clone(),
                log_type: text(row, 1)?,
                user: text(row, 2)?,
                email: None,
                connection: text(row, 3)?,
                ip: text(row, 4)?,
            });
        }
    }
    // Stable: of one moment, the order of the statement stays.
    events.sort_by_key(|event| std::cmp::Reverse(event.at));
    events.truncate(NEWEST as usize);
    if reader.tables.has(Table::Rows(Shape::Entity)) {
        for event in &mut events {
            event.email = match &event.user {
                Some(user) => email(reader, user)?,
                None => None,
            };
        }
    }
    Ok(events)
}

fn email(reader: Reader<'_>, user: &str) -> rusqlite::Result<Option<String>> {
    let mut statement = reader.connection.prepare_cached(EMAIL)?;
    let found = statement.query_row((reader.connector, USERS, user), |row| text(row, 0));
    Ok(found.optional()?.flatten())
}
