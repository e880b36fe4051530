//! Which program a database belongs to, recognised by its tables.

use std::collections::{BTreeMap, BTreeSet};

use crate::tables::{ADDED_VERSION, RAWDASH_COLUMNS, RAWDASH_TAGS};

/// The parts of a file that identify its program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The columns of each table, without SQLite's own tables.
    pub columns: BTreeMap<String, BTreeSet<String>>,
    /// The tags in `schema_migrations`.
    pub tags: BTreeSet<String>,
    /// The version in `host_schema`.
    pub added_version: Option<i64>,
}

/// The state of a file, from which follows what it needs before use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It has no table: rawdash's and the added ones must be created.
    Empty,
    /// rawdash created it: the added tables must be created.
    Rawdash,
    /// It is complete.
    Complete,
}

/// Reads table and column of every table without SQLite's own.
pub const COLUMNS: &str =
    "SELECT m.name, c.name FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

/// Reads the tags, if the database [has](Found::has) them.
pub const TAGS: &str = "SELECT tag FROM schema_migrations";

/// Reads the version, if the database [has](Found::has) one.
pub const VERSION: &str = "SELECT max(version) FROM host_schema";

impl Found {
    /// Whether the table has the column.
    pub fn has(&self, table: &str, column: &str) -> bool {
        self.columns.get(table).is_some_and(|columns| columns.contains(column))
    }
}

/// Decides what a file needs. The error is a clause that follows the file's name:
/// why it cannot be used, and what to do.
///
/// # Errors
/// The clause.
pub fn judge(found: &Found) -> Result<State, String> {
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
        if let Some(column) = columns.iter().find(|column| !found.has(table, column)) {
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
        None if !found.has("events", "event_id") && !found.columns.contains_key("host_schema") => {
            Ok(State::Rawdash)
        }
        _ => {
            Err("has only some of rawdash-host's tables: restore it from a backup, or use another \
             file"
                .to_owned())
        }
    }
}
