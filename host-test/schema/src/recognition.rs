//! Which program a database belongs to, recognised by its tables.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use super::schema::{ADDED_VERSION, RAWDASH_COLUMNS, RAWDASH_TAGS};

/// The parts of a file that identify its program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// The columns of each table, without SQLite's own tables.
    pub(super) columns: BTreeMap<String, BTreeSet<String>>,
    /// The tags in `schema_migrations`.
    pub(super) tags: BTreeSet<String>,
    /// The version in `host_schema`.
    pub(super) added_version: Option<i64>,
}

/// The state of a file, from which follows what it needs before use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It has no table: rawdash's and the added ones must be created.
    Empty,
    /// rawdash created it: the added tables must be created.
    Rawdash,
    /// It is complete.
    Complete,
}

/// Reads what [`judge`] needs.
pub(super) fn find(connection: &Connection) -> rusqlite::Result<Found> {
    let mut found = Found::default();
    let mut statement = connection.prepare(
        "SELECT m.name, c.name FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let columns = found.columns.entry(row.get(0)?).or_default();
        columns.insert(row.get(1)?);
    }
    if has(&found, "schema_migrations", "tag") {
        let mut statement = connection.prepare("SELECT tag FROM schema_migrations")?;
        found.tags = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    }
    if has(&found, "host_schema", "version") {
        found.added_version =
            connection.query_row("SELECT max(version) FROM host_schema", [], |row| row.get(0))?;
    }
    Ok(found)
}

/// Decides what a file needs. The error is a clause that follows the file's name:
/// why it cannot be used, and what to do.
pub(super) fn judge(found: &Found) -> Result<State, String> {
    if found.columns.is_empty() {
        return Ok(State::Empty);
    }
    if !found.columns.contains_key("schema_migrations") {
        return Err("belongs to another program, or to a rawdash version without migrations: use \
             another file"
            .to_owned());
    }
    if let Some(tag) = RAWDASH_TAGS.iter().find(|tag| !found.tags.contains(**tag)) {
        return Err(format!(
            "lacks rawdash's migration {tag}: open it once with a current rawdash, then try again"
        ));
    }
    for (table, columns) in RAWDASH_COLUMNS {
        if let Some(column) = columns.iter().find(|column| !has(found, table, column)) {
            return Err(format!(
                "lacks the column {table}.{column} of rawdash's schema: restore it from a backup, \
                 or use another file"
            ));
        }
    }
    match found.added_version {
        Some(ADDED_VERSION) => Ok(State::Complete),
        Some(version) if version > ADDED_VERSION => Err(format!(
            "was last used by a newer rawdash-host (its tables have version {version}, this one \
             supports {ADDED_VERSION}): update rawdash-host"
        )),
        Some(version) => Err(format!(
            "has the tables of an unreleased rawdash-host (their version is {version}, this one \
             needs {ADDED_VERSION}): name another file, and sync again"
        )),
        None if !has(found, "events", "event_id") && !found.columns.contains_key("host_schema") => {
            Ok(State::Rawdash)
        }
        _ => {
            Err("has only some of rawdash-host's tables: restore it from a backup, or use another \
             file"
                .to_owned())
        }
    }
}

fn has(found: &Found, table: &str, column: &str) -> bool {
    found.columns.get(table).is_some_and(|columns| columns.contains(column))
}
