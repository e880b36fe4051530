//! Statements that insert several rows of one resource.

/// Inserts rows whose first two columns are the connector and the resource.
#[derive(Clone, Copy, Debug)]
pub struct Insertion {
    /// The table and its columns.
    pub into: &'static str,
    /// The number of columns after the first two.
    pub columns: usize,
    /// What happens where a row is there already.
    pub conflict: &'static str,
    /// Whether the table numbers its rows with `AUTOINCREMENT`.
    pub autoincrement: bool,
}

impl Insertion {
    /// The statement for so many rows. Its parameters are the connector, the resource,
    /// then the other columns of one row after the other.
    pub fn sql(&self, rows: usize) -> String {
        format!("INSERT INTO {} {}", self.values(rows), self.conflict)
    }

    /// The same for those rows that are not there yet.
    ///
    /// `OR IGNORE` and not `DO UPDATE`, for which SQLite would copy each page of random ids
    /// before it changes it, so as to undo a part of the statement.
    pub fn sql_of_new(&self, rows: usize) -> String {
        format!("INSERT OR IGNORE INTO {}", self.values(rows))
    }

    fn values(&self, rows: usize) -> String {
        let row = format!("(?1, ?2{})", ", ?".repeat(self.columns));
        format!("{} VALUES {}", self.into, vec![row; rows].join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_of_the_same_connector_and_resource() {
        let insertion = Insertion {
            into: "t (c, r, a, b)",
            columns: 2,
            conflict: "ON CONFLICT DO NOTHING",
            autoincrement: false,
        };
        let rows = "INTO t (c, r, a, b) VALUES (?1, ?2, ?, ?), (?1, ?2, ?, ?)";
        assert_eq!(insertion.sql(2), format!("INSERT {rows} ON CONFLICT DO NOTHING"));
        assert_eq!(insertion.sql_of_new(2), format!("INSERT OR IGNORE {rows}"));
    }
}
