//! The part of a database that one batch may touch.

use rusqlite::{CachedStatement, Row, Transaction};

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
    /// What tells attributes apart from those of others at the same time.
    pub(super) fn identity(&self, attributes: &str) -> String {
        rawdash_schema::timed::identity(self.dimensions, attributes)
    }

    /// The statement, prepared once per connection.
    pub(super) fn statement(&self, sql: &str) -> rusqlite::Result<CachedStatement<'a>> {
        self.transaction.prepare_cached(sql)
    }

    /// Runs a statement whose parameters are the connector and the resource,
    /// and returns how many rows it changed.
    pub(super) fn execute(&self, sql: &str) -> rusqlite::Result<u64> {
        self.statement(sql)?.execute((self.connector, self.resource)).map(rows)
    }

    /// Reads one count with the connector and the resource as parameters.
    pub(super) fn number(&self, sql: &str) -> rusqlite::Result<u64> {
        let count = |row: &Row<'_>| row.get::<_, i64>(0).map(i64::unsigned_abs);
        self.statement(sql)?.query_row((self.connector, self.resource), count)
    }
}

/// The number of rows that SQLite reports, as a `u64`.
pub(super) fn rows(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
