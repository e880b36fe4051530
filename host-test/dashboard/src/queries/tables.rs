//! Which of rawdash's tables a file has, and which connectors have rows in them.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use super::{Reader, text};
use crate::snapshot::Shape;

/// Names that are listed at most, of connectors and of a connector's resources of one
/// shape.
pub(super) const NAMES: u32 = 50;

/// A table of rawdash's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    /// Rows of one shape.
    Rows(Shape),
    /// The state of a connector.
    ConnectorSyncState,
    /// The state of the installation.
    SyncState,
}

const TABLES: [(Table, &str, &[&str]); 7] = [
    (
        Table::Rows(Shape::Entity),
        "entities",
        &["connector_id", "type", "id", "attributes", "updated_at"],
    ),
    (
        Table::Rows(Shape::Event),
        "events",
        &["id", "connector_id", "name", "start_ts", "attributes"],
    ),
    (Table::Rows(Shape::Metric), "metrics", &["connector_id", "name", "ts", "value", "attributes"]),
    (Table::Rows(Shape::Edge), "edges", &["connector_id", "kind", "updated_at"]),
    (Table::Rows(Shape::Distribution), "distributions", &["connector_id", "name", "ts"]),
    (
        Table::ConnectorSyncState,
        "connector_sync_state",
        &["connector_id", "last_sync_at", "last_backfill_at"],
    ),
    (Table::SyncState, "sync_state", &["id", "status", "last_error"]),
];

/// The tables that a file has, with all columns that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tables([bool; TABLES.len()]);

impl Tables {
    /// Whether there is none.
    pub(super) fn is_empty(self) -> bool {
        !self.0.contains(&true)
    }

    /// Whether there is this one.
    pub(super) fn has(self, table: Table) -> bool {
        TABLES.iter().zip(self.0).any(|((known, ..), found)| *known == table && found)
    }
}

/// Looks for each.
pub(super) fn find(connection: &Connection) -> rusqlite::Result<Tables> {
    let mut statement = connection.prepare(
        "SELECT m.name, c.name FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
         WHERE m.type = 'table' AND m.name IN ('entities', 'events', 'metrics', 'edges',
             'distributions', 'connector_sync_state', 'sync_state')",
    )?;
    let mut columns: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        columns.entry(row.get(0)?).or_default().insert(row.get(1)?);
    }
    Ok(Tables(TABLES.map(|(_, name, wanted)| {
        let found = columns.get(name);
        found.is_some_and(|found| wanted.iter().all(|column| found.contains(*column)))
    })))
}

/// The connectors that have rows or a state, sorted.
pub(super) fn connectors(reader: Reader<'_>) -> rusqlite::Result<Vec<String>> {
    let mut found = BTreeSet::new();
    for (table, name, _) in TABLES {
        if table == Table::SyncState || !reader.tables.has(table) {
            continue;
        }
        // From one name to the next by the index that begins with it.
        let mut statement = reader.connection.prepare(&format!(
            "WITH RECURSIVE names (name) AS (
                 SELECT min(connector_id) FROM {name}
                 UNION ALL
                 SELECT (SELECT min(connector_id) FROM {name} WHERE connector_id > names.name)
                 FROM names WHERE names.name IS NOT NULL
             )
             SELECT name FROM names WHERE name IS NOT NULL LIMIT {NAMES}"
        ))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            found.extend(text(row, 0)?);
        }
    }
    Ok(found.into_iter().collect())
}
