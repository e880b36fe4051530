//! The resources that have rows: how many, and how new.

use rusqlite::Connection;

use super::tables::NAMES;
use super::{Reader, Table, count, moment, text};
use crate::snapshot::{Resource, Shape};

/// Rows of which the newest is looked for where no index leads to it.
const LOOKED_AT: u32 = 100_000;

/// The tables, by shape.
pub(super) const TABLES: [(Shape, Columns); 5] = [
    (Shape::Entity, Columns { table: "entities", name: "type", time: "updated_at" }),
    (Shape::Event, Columns { table: "events", name: "name", time: "start_ts" }),
    (Shape::Metric, Columns { table: "metrics", name: "name", time: "ts" }),
    (Shape::Edge, Columns { table: "edges", name: "kind", time: "updated_at" }),
    (Shape::Distribution, Columns { table: "distributions", name: "name", time: "ts" }),
];

/// Every resource of the connector that has rows, by shape and name.
pub(super) fn read(reader: Reader<'_>) -> rusqlite::Result<Vec<Resource>> {
    let mut resources = Vec::new();
    for (shape, columns) in TABLES {
        if !reader.tables.has(Table::Rows(shape)) {
            continue;
        }
        for name in columns.names(reader.connection, reader.connector)? {
            resources.push(columns.resource(reader, shape, name)?);
        }
    }
    Ok(resources)
}

/// Adds those that have no rows.
pub(super) fn add_missing(resources: &mut Vec<Resource>, known: &[(&str, Shape)]) {
    for (name, shape) in known {
        if !resources.iter().any(|found| (found.name.as_str(), found.shape) == (*name, *shape)) {
            let (name, shape) = ((*name).to_owned(), *shape);
            resources.push(Resource { name, shape, rows: 0, newest: None });
        }
    }
    resources.sort_by(|a, b| (a.shape, &a.name).cmp(&(b.shape, &b.name)));
}

/// A table and the columns that name a row's resource and time.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    pub(super) table: &'static str,
    name: &'static str,
    time: &'static str,
}

impl Columns {
    fn names(&self, connection: &Connection, connector: &str) -> rusqlite::Result<Vec<String>> {
        let mut statement = connection.prepare(&self.all_names())?;
        let mut rows = statement.query([connector])?;
        let mut names = Vec::new();
        while let Some(row) = rows.next()? {
            names.extend(text(row, 0)?);
        }
        Ok(names)
    }

    fn resource(
        &self,
        reader: Reader<'_>,
        shape: Shape,
        name: String,
    ) -> rusqlite::Result<Resource> {
        let Reader { connection, connector, now, .. } = reader;
        let sql = self.count();
        let rows = connection.query_row(&sql, (connector, &name), |row| count(row, 0))?;
        let newest = match shape {
            Shape::Event | Shape::Metric | Shape::Distribution => Some(self.newest_by_index()),
            Shape::Entity | Shape::Edge if rows <= u64::from(LOOKED_AT) => {
                Some(self.newest_of_all())
            }
            Shape::Entity | Shape::Edge => None,
        };
        let newest = match newest {
            None => None,
            Some(sql) => {
                connection.query_row(&sql, (connector, &name, now.0), |row| moment(row, 0))?
            }
        };
        Ok(Resource { name, shape, rows, newest })
    }

    /// From one name to the next by the index that begins with connector and name.
    pub(super) fn all_names(&self) -> String {
        let Columns { table, name, .. } = self;
        format!(
            "WITH RECURSIVE names (name) AS (
                 SELECT min({name}) FROM {table} WHERE connector_id = ?1
                 UNION ALL
                 SELECT (SELECT min({name}) FROM {table}
                         WHERE connector_id = ?1 AND {name} > names.name)
                 FROM names WHERE names.name IS NOT NULL
             )
             SELECT name FROM names WHERE name IS NOT NULL LIMIT {NAMES}"
        )
    }

    pub(super) fn count(&self) -> String {
        let Columns { table, name, .. } = self;
        format!("SELECT count(*) FROM {table} WHERE connector_id = ?1 AND {name} = ?2")
    }

    pub(super) fn newest_by_index(&self) -> String {
        let Columns { table, name, time } = self;
        format!(
            "SELECT max({time}) FROM {table}
             WHERE connector_id = ?1 AND {name} = ?2 AND {time} <= ?3"
        )
    }

    pub(super) fn newest_of_all(&self) -> String {
        let Columns { table, name, time } = self;
        format!(
            "SELECT max(at) FROM (SELECT {time} AS at FROM {table}
             WHERE connector_id = ?1 AND {name} = ?2 LIMIT {LOOKED_AT})
             WHERE at <= ?3"
        )
    }
}
