//! The part of a database that one batch may touch.

use rusqlite::{CachedStatement, Row, Transaction, params_from_iter};

use super::cells::Bound;
use rawdash_schema::cell::Cell;
use rawdash_schema::insertion::Insertion;

/// Rows of one statement into a table with `AUTOINCREMENT`. SQLite writes its counter once
/// a statement, which costs as much as the index of ids does.
const TOGETHER: usize = 25;

/// The rows of one resource of one connector, within the transaction of a step.
/// Every statement is bound to `connector` and `resource`, so connectors in one
/// database cannot touch each other's rows.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    /// The transaction of the step.
    pub(super) transaction: &'a Transaction<'a>,
    /// The connector's name: rawdash's `connector_id`.
    pub(super) connector: &'a str,
    /// The resource's name in storage.
    pub(super) resource: &'a str,
    /// The attributes that tell its samples or distributions of one time apart;
    /// all of them where `None`.
    pub(super) dimensions: Option<&'a [String]>,
}

impl<'a> Scope<'a> {
    /// The statement, prepared once per connection.
    pub(super) fn statement(&self, sql: &str) -> rusqlite::Result<CachedStatement<'a>> {
        self.transaction.prepare_cached(sql)
    }

    /// Runs a statement with further parameters after the connector and the resource,
    /// and returns how many rows it changed.
    pub(super) fn execute(&self, sql: &str, further: &[Cell<'_>]) -> rusqlite::Result<u64> {
        let place = self.place();
        let parameters = params_from_iter(place.iter().chain(further).map(Bound));
        self.statement(sql)?.execute(parameters).map(count)
    }

    /// The count that such a statement reads.
    pub(super) fn number(&self, sql: &str, further: &[Cell<'_>]) -> rusqlite::Result<u64> {
        let place = self.place();
        let parameters = params_from_iter(place.iter().chain(further).map(Bound));
        let number = |row: &Row<'_>| row.get::<_, i64>(0).map(i64::unsigned_abs);
        self.statement(sql)?.query_row(parameters, number)
    }

    /// Inserts rows, and returns how many it changed.
    pub(super) fn insert(&self, insertion: Insertion, cells: &[Cell<'_>]) -> rusqlite::Result<u64> {
        // Into other tables, several in one statement are not faster.
        if !insertion.autoincrement {
            return self.insert_each(insertion, cells);
        }
        let together = cells.chunks_exact(insertion.columns * TOGETHER);
        let rest = together.remainder();
        let mut written = 0;
        for cells in together {
            let added = self.execute(&insertion.sql_of_new(TOGETHER), cells)?;
            written += added;
            if added < count(TOGETHER) {
                written += self.insert_each(insertion, cells)?;
            }
        }
        Ok(written + self.insert_each(insertion, rest)?)
    }

    /// Inserts one row after the other.
    fn insert_each(&self, insertion: Insertion, cells: &[Cell<'_>]) -> rusqlite::Result<u64> {
        let mut insert = self.statement(&insertion.sql(1))?;
        insert.raw_bind_parameter(1, self.connector)?;
        insert.raw_bind_parameter(2, self.resource)?;
        let mut written = 0;
        for row in cells.chunks_exact(insertion.columns) {
            for (number, cell) in (3..).zip(row) {
                insert.raw_bind_parameter(number, Bound(cell))?;
            }
            written += count(insert.raw_execute()?);
        }
        Ok(written)
    }

    fn place(&self) -> [Cell<'a>; 2] {
        [self.connector.into(), self.resource.into()]
    }
}

/// The number of rows that SQLite reports, as a `u64`.
pub(super) fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
