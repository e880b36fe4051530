//! Samples and distributions, compared with what is stored, which is read first.

use rawdash_host::contract::Window;
use rawdash_schema::cell::Cell;
use rawdash_schema::comparison::{Changes, Comparison};
use rawdash_schema::timed::{Table, TimedRow};

use crate::hrana::{Statement, Value, values};
use crate::link::Trouble;
use crate::scope::Scope;
use crate::tally::Tally;

/// Changes the rows that differ.
pub(crate) async fn compare(
    scope: &mut Scope<'_, '_>,
    table: Table,
    comparison: Comparison<'_>,
    tally: &mut Tally,
) -> Result<(), Trouble> {
    let found = stored(scope, table, comparison.window()).await?;
    let aside = if comparison.needs_staged() { staged(scope, table).await? } else { Vec::new() };
    let Changes { restage, delete, update, insert } = comparison
        .compare(scope.resource, scope.dimensions, found, aside)
        .map_err(Trouble::Refused)?;
    scope.insert(table.stage, restage).await?;
    let sql = table.delete();
    for number in delete {
        let statement = Statement::new(sql.as_str(), vec![number.into()]);
        tally.removed.push(scope.transaction.push(statement).await?);
    }
    let sql = table.update();
    for cells in update {
        let statement = Statement::new(sql.as_str(), values(cells));
        tally.written.push(scope.transaction.push(statement).await?);
    }
    tally.written.extend(scope.insert(table.insert, insert).await?);
    Ok(())
}

/// The rows of the window that readers see, with their numbers.
async fn stored(
    scope: &mut Scope<'_, '_>,
    table: Table,
    window: Window,
) -> Result<Vec<(i64, TimedRow)>, Trouble> {
    let further = vec![window.start.into(), window.end.into()];
    let found = scope.read(table.select_stored(), further).await?;
    let row = |columns: Vec<Value>| {
        let mut columns = columns.into_iter();
        Some((columns.next()?.integer()?, timed_row(columns)?))
    };
    found.rows.into_iter().map(row).collect::<Option<_>>().ok_or_else(unreadable)
}

/// The rows that are staged, in their order.
async fn staged(scope: &mut Scope<'_, '_>, table: Table) -> Result<Vec<TimedRow>, Trouble> {
    let found = scope.read(table.select_staged(), Vec::new()).await?;
    let rows = found.rows.into_iter().map(|columns| timed_row(columns.into_iter()));
    rows.collect::<Option<_>>().ok_or_else(unreadable)
}

/// Time, attributes and body.
fn timed_row(mut columns: impl Iterator<Item = Value>) -> Option<TimedRow> {
    let at = columns.next()?.integer()?;
    let attributes = columns.next()?.text()?.to_owned();
    let cell = |value| match value {
        Value::Float { value } => Some(Cell::Real(value)),
        Value::Text { value } => Some(value.into()),
        Value::Integer { .. } | Value::Null | Value::Blob { .. } => None,
    };
    Some(TimedRow { at, attributes, body: columns.map(cell).collect::<Option<_>>()? })
}

fn unreadable() -> Trouble {
    let clause = "has a sample or a distribution of another type than rawdash stores: restore it \
                  from a backup";
    Trouble::Lasting(clause.to_owned())
}
