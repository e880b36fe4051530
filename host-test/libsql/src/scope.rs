//! The part of a database that one batch may touch.

use std::collections::BTreeMap;

use rawdash_schema::actions;
use rawdash_schema::cell::Cell;
use rawdash_schema::insertion::Insertion;

use crate::hrana::{Rows, Statement, Value, values};
use crate::link::Trouble;
use crate::transaction::{Ticket, Transaction};

/// Rows of one statement. SQLite takes 32,766 parameters.
const TOGETHER: usize = 250;

/// About how many bytes the rows of one statement have, unless it is one row.
const TOGETHER_BYTES: usize = 256 << 10;

/// The rows of one resource of one connector, within the transaction of a step. Every
/// statement is bound to both.
pub(crate) struct Scope<'a, 'l> {
    pub(crate) transaction: &'a mut Transaction<'l>,
    pub(crate) connector: &'a str,
    pub(crate) resource: &'a str,
    /// The attributes that tell its samples or distributions of one time apart;
    /// all of them where `None`.
    pub(crate) dimensions: Option<&'a [String]>,
    /// By resource, the staged generation. It is read once: while the fence is this
    /// writer's, nobody else stages.
    pub(crate) staged: &'a mut BTreeMap<String, i64>,
}

impl Scope<'_, '_> {
    pub(crate) fn is_staged(&self) -> bool {
        self.staged.contains_key(self.resource)
    }

    /// Adds a statement with further parameters after the connector and the resource.
    pub(crate) async fn push(
        &mut self,
        sql: impl Into<String>,
        further: Vec<Value>,
    ) -> Result<Ticket, Trouble> {
        let statement = self.statement(sql, further);
        self.transaction.push(statement).await
    }

    /// The rows of such a statement.
    pub(crate) async fn read(
        &mut self,
        sql: impl Into<String>,
        further: Vec<Value>,
    ) -> Result<Rows, Trouble> {
        let statement = self.statement(sql, further);
        self.transaction.read(statement).await
    }

    /// The count that such a statement reads.
    pub(crate) async fn number(
        &mut self,
        statement: &actions::Statement<'_>,
    ) -> Result<u64, Trouble> {
        let rows = self.read(statement.sql, values(statement.further.clone())).await?;
        let number = rows.first().and_then(Value::integer).unwrap_or_default();
        Ok(number.unsigned_abs())
    }

    /// Inserts rows, many with one statement.
    pub(crate) async fn insert(
        &mut self,
        insertion: Insertion,
        cells: Vec<Cell<'_>>,
    ) -> Result<Vec<Ticket>, Trouble> {
        let mut tickets = Vec::new();
        let (mut together, mut count, mut bytes) = (Vec::new(), 0, 0);
        let mut cells = cells.into_iter();
        loop {
            let row = values(cells.by_ref().take(insertion.columns));
            if row.is_empty() {
                break;
            }
            let size = row.iter().map(Value::size).sum::<usize>();
            if count == TOGETHER || (count > 0 && bytes + size > TOGETHER_BYTES) {
                let sql = insertion.sql(count);
                tickets.push(self.push(sql, std::mem::take(&mut together)).await?);
                (count, bytes) = (0, 0);
            }
            together.extend(row);
            count += 1;
            bytes += size;
        }
        if count > 0 {
            tickets.push(self.push(insertion.sql(count), together).await?);
        }
        Ok(tickets)
    }

    fn statement(&self, sql: impl Into<String>, further: Vec<Value>) -> Statement {
        let place = [Value::from(self.connector), Value::from(self.resource)];
        Statement::new(sql, place.into_iter().chain(further).collect())
    }
}
