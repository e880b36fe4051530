//! Statements that insert several rows of one resource.

/// Inserts rows whose first two columns are the connector and the resource.
#[derive(Clone, Copy, Debug)]
pub struct Insertion {
    /// From `INSERT` to the list of columns.
    pub into: &'static str,
    /// The number of columns after the first two.
    pub columns: usize,
    /// What happens where a row is there already.
    pub conflict: &'static str,
}

impl Insertion {
    /// The statement for so many rows. Its parameters are the connector, the resource,
    /// then the other columns of one row after the other.
    pub fn sql(&self, rows: usize) -> String {
        let Insertion { into, columns, conflict } = self;
        let row = format!("(?1, ?2{})", ", ?".repeat(*columns));
        format!("{into} VALUES {} {conflict}", vec![row; rows].join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_of_the_same_connector_and_resource() {
        let insertion = Insertion {
            into: "INSERT INTO t (c, r, a, b)",
            columns: 2,
            conflict: "ON CONFLICT DO NOTHING",
        };
        assert_eq!(
            insertion.sql(2),
            "INSERT INTO t (c, r, a, b) VALUES (?1, ?2, ?, ?), (?1, ?2, ?, ?) ON CONFLICT DO NOTHING"
        );
    }
}
