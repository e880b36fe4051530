//! The rows of a tenant, as readers see them.

/// Every row of rawdash's own tables of one connector (`?1`) as JSON, sorted, without
/// the numbers that SQLite gives rows.
pub const SELECT: &str = "
    SELECT json_array('event', name, event_id, start_ts, end_ts, attributes) AS row
        FROM events WHERE connector_id = ?1
    UNION ALL
    SELECT json_array('entity', type, id, updated_at, attributes)
        FROM entities WHERE connector_id = ?1
    UNION ALL
    SELECT json_array('metric', name, ts, value, attributes)
        FROM metrics WHERE connector_id = ?1
    UNION ALL
    SELECT json_array('edge', from_type, from_id, kind, to_type, to_id, updated_at, attributes)
        FROM edges WHERE connector_id = ?1
    UNION ALL
    SELECT json_array('distribution', name, ts, kind, data, attributes)
        FROM distributions WHERE connector_id = ?1
    ORDER BY row";

/// How many rows only one of two sorted lists has.
pub fn differ(one: &[String], other: &[String]) -> usize {
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    let mut differ = 0;
    loop {
        match (one.peek(), other.peek()) {
            (None, None) => return differ,
            (Some(first), Some(second)) if first == second => {
                one.next();
                other.next();
            }
            (Some(first), second) if second.is_none_or(|second| first < second) => {
                one.next();
                differ += 1;
            }
            _ => {
                other.next();
                differ += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::differ;

    #[test]
    fn a_row_that_is_lost_doubled_or_changed_is_counted() {
        let rows = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let whole = rows("a b b c");
        assert_eq!(differ(&whole, &whole), 0);
        assert_eq!(differ(&whole, &rows("a b c")), 1);
        assert_eq!(differ(&whole, &rows("a b b b c")), 1);
        assert_eq!(differ(&whole, &rows("a b b d")), 2);
        assert_eq!(differ(&whole, &[]), 4);
        assert_eq!(differ(&[], &whole), 4);
    }
}
