//! What is stored of a synced tenant, read by SQL from rawdash's own
//! tables only.

use std::fmt;
use std::path::Path;

use indicatif::HumanCount;
use rusqlite::{Connection, OpenFlags, Row};

use crate::early_end::EarlyEnd;
use crate::output::chart::{Day, chart};
use rawdash_host::failure::{FailureReport, HostKind};

/// The number of newest events that are shown.
const EVENTS: u32 = 8;
/// The number of latest days in the chart.
const DAYS: u32 = 14;

/// What the database holds for one connector.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stored {
    users: u64,
    active_users: u64,
    events: u64,
    failed_logins: u64,
    failed_logins_with_wrong_password: u64,
    all_days: u64,
    newest: Vec<NewestEvent>,
    days: Vec<Day>,
}

#[derive(Clone, Debug, PartialEq)]
struct NewestEvent {
    at: String,
    event_type: String,
    user: String,
    connection: String,
    ip: String,
}

impl Stored {
    /// Reads it.
    pub(crate) fn read(path: &Path, connector: &str) -> Result<Stored, EarlyEnd> {
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .and_then(|connection| read(&connection, connector))
            .map_err(|error| {
                let message = format!("{} cannot be read back: {error}", path.display());
                FailureReport::new(HostKind::Storage, message).into()
            })
    }
}

fn read(connection: &Connection, connector: &str) -> rusqlite::Result<Stored> {
    let count = |sql: &str| {
        connection.query_row(sql, [connector], |row| number(row, 0).map(Option::unwrap_or_default))
    };
    Ok(Stored {
        users: count(
            "SELECT count(*) FROM entities WHERE connector_id = ?1 AND type = 'auth0_user'",
        )?,
        // Only JSON's false: rawdash's filter compares strictly.
        active_users: count(
            "SELECT count(*) FROM entities WHERE connector_id = ?1 AND type = 'auth0_user'
             AND attributes -> '$.blocked' = 'false'",
        )?,
        events: count(
            "SELECT count(*) FROM events WHERE connector_id = ?1 AND name = 'auth0_login_event'",
        )?,
        failed_logins: count(
            "SELECT count(*) FROM events WHERE connector_id = ?1 AND name = 'auth0_login_event'
             AND attributes ->> '$.type' = 'f'",
        )?,
        failed_logins_with_wrong_password: count(
            "SELECT count(*) FROM events WHERE connector_id = ?1 AND name = 'auth0_login_event'
             AND attributes ->> '$.type' IN ('f', 'fp')",
        )?,
        all_days: count(
            "SELECT count(DISTINCT ts) FROM metrics
             WHERE connector_id = ?1 AND name = 'auth0_daily_active_users'",
        )?,
        newest: newest(connection, connector)?,
        days: days(connection, connector)?,
    })
}

/// A count. SQLite's integers are signed.
fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<u64>> {
    let number: Option<i64> = row.get(column)?;
    Ok(number.map(|number| u64::try_from(number).unwrap_or(0)))
}

fn newest(connection: &Connection, connector: &str) -> rusqlite::Result<Vec<NewestEvent>> {
    connection
        .prepare(
            "SELECT strftime('%Y-%m-%d %H:%M:%S', start_ts / 1000, 'unixepoch'),
                 coalesce(attributes ->> '$.type', ''), coalesce(attributes ->> '$.userId', ''),
                 coalesce(attributes ->> '$.connection', ''), coalesce(attributes ->> '$.ip', '')
             FROM events WHERE connector_id = ?1 AND name = 'auth0_login_event'
             ORDER BY start_ts DESC, id DESC LIMIT ?2",
        )?
        .query_map((connector, EVENTS), |row| {
            Ok(NewestEvent {
                at: row.get(0)?,
                event_type: row.get(1)?,
                user: row.get(2)?,
                connection: row.get(3)?,
                ip: row.get(4)?,
            })
        })?
        .collect()
}

fn days(connection: &Connection, connector: &str) -> rusqlite::Result<Vec<Day>> {
    let mut days: Vec<Day> = connection
        .prepare(
            "SELECT strftime('%Y-%m-%d', ts / 1000, 'unixepoch'),
                 CAST(sum(value) FILTER (WHERE attributes ->> '$.kind' = 'logins') AS INTEGER),
                 CAST(sum(value) FILTER (WHERE attributes ->> '$.kind' = 'signups') AS INTEGER)
             FROM metrics WHERE connector_id = ?1 AND name = 'auth0_daily_active_users'
             GROUP BY 1 ORDER BY 1 DESC LIMIT ?2",
        )?
        .query_map((connector, DAYS), |row| {
            Ok(Day { date: row.get(0)?, logins: number(row, 1)?, signups: number(row, 2)? })
        })?
        .collect::<rusqlite::Result<_>>()?;
    days.reverse();
    Ok(days)
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |value| HumanCount(value).to_string();
        writeln!(f, "\nIn the database")?;
        writeln!(f, "  {:>9} users", count(self.users))?;
        writeln!(f, "  {:>9} login events", count(self.events))?;
        writeln!(f, "  {:>9} days of statistics", count(self.all_days))?;
        writeln!(f, "\nOn a dashboard")?;
        writeln!(f, "  {:>9} users that are not blocked", count(self.active_users))?;
        writeln!(f, "  {:>9} failed logins (type f)", count(self.failed_logins))?;
        writeln!(
            f,
            "  {:>9} failed logins, including wrong passwords (types f and fp)",
            count(self.failed_logins_with_wrong_password)
        )?;
        writeln!(f, "\nNewest events (UTC)")?;
        for event in &self.newest {
            writeln!(
                f,
                "  {:19}  {:14}  {:24}  {}",
                event.at,
                meaning(&event.event_type),
                shortened(&event.user, 24),
                shortened(&event.ip, 15),
            )?;
        }
        writeln!(f, "\nLogins and sign-ups on the last {} days", self.days.len())?;
        writeln!(f, "{}", chart(&self.days))
    }
}

/// The meaning of Auth0's log types that are stored.
fn meaning(event_type: &str) -> &str {
    match event_type {
        "s" => "login",
        "f" => "failed login",
        "fp" => "wrong password",
        "seacft" => "token for code",
        other => other,
    }
}

fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rawdash_sqlite::Database;
    use tempfile::TempDir;

    #[test]
    fn a_dashboard_counts_what_rawdashs_own_filters_would() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("rawdash.db");
        drop(Database::open(&path, "auth0").unwrap());
        Connection::open(&path)
            .unwrap()
            .execute_batch(
                r#"INSERT INTO entities VALUES
                   ('auth0', 'auth0_user', 'a', '{"blocked":false}', 1),
                   ('auth0', 'auth0_user', 'b', '{"blocked":true}', 1),
                   ('auth0', 'auth0_user', 'c', '{"blocked":0}', 1),
                   ('other', 'auth0_user', 'a', '{"blocked":false}', 1);
                   INSERT INTO events (connector_id, name, start_ts, attributes) VALUES
                   ('auth0', 'auth0_login_event', 1000, '{"type":"f","userId":"u"}'),
                   ('auth0', 'auth0_login_event', 3000, '{"type":"fp","userId":null}'),
                   ('auth0', 'auth0_login_event', 2000, '{"type":"s"}'),
                   ('other', 'auth0_login_event', 9000, '{"type":"f"}');
                   INSERT INTO metrics (connector_id, name, ts, value, attributes) VALUES
                   ('auth0', 'auth0_daily_active_users', 86400000, 3, '{"kind":"logins"}'),
                   ('auth0', 'auth0_daily_active_users', 86400000, 1, '{"kind":"signups"}'),
                   ('auth0', 'auth0_daily_active_users', 0, 7, '{"kind":"logins"}');"#,
            )
            .unwrap();
        let stored = Stored::read(&path, "auth0").unwrap();
        assert_eq!((stored.users, stored.active_users), (3, 1));
        assert_eq!(stored.events, 3);
        assert_eq!(stored.failed_logins, 1);
        assert_eq!(stored.failed_logins_with_wrong_password, 2);
        assert_eq!(stored.all_days, 2);
        let types: Vec<_> = stored.newest.iter().map(|e| e.event_type.as_str()).collect();
        assert_eq!(types, ["fp", "s", "f"]);
        let (first, second) = (&stored.days[0], &stored.days[1]);
        assert_eq!((first.logins, first.signups), (Some(7), None));
        assert_eq!((second.logins, second.signups), (Some(3), Some(1)));
        let text = stored.to_string();
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
}
