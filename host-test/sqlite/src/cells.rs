//! Cells as SQLite has them.

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};

use rawdash_schema::cell::Cell;

/// A cell as a parameter.
pub(super) struct Bound<'a>(pub(super) &'a Cell<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Cell::Null => ValueRef::Null,
            Cell::Integer(number) => ValueRef::Integer(*number),
            Cell::Real(number) => ValueRef::Real(*number),
            Cell::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// A cell as a column of a sample or a distribution.
pub(super) struct Column(pub(super) Cell<'static>);

impl FromSql for Column {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Column> {
        match value {
            ValueRef::Real(number) => Ok(Column(Cell::Real(number))),
            ValueRef::Text(_) => value.as_str().map(|text| Column(text.to_owned().into())),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}
