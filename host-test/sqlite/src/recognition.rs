//! Which program a file belongs to.

use rusqlite::Connection;

use rawdash_schema::recognition::{COLUMNS, Found, TAGS, VERSION};

/// Reads what identifies the program.
pub(super) fn find(connection: &Connection) -> rusqlite::Result<Found> {
    let mut found = Found::default();
    let mut statement = connection.prepare(COLUMNS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let columns = found.columns.entry(row.get(0)?).or_default();
        columns.insert(row.get(1)?);
    }
    if found.has("schema_migrations", "tag") {
        let mut statement = connection.prepare(TAGS)?;
        found.tags = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    }
    if found.has("host_schema", "version") {
        found.added_version = connection.query_row(VERSION, [], |row| row.get(0))?;
    }
    Ok(found)
}
