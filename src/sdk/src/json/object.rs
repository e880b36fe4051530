//! JSON objects read member by member, and pages of them.

use json_rows::{Raw, Rows};

/// No page is requested with more rows; what a server adds beyond a thousand is
/// not held in memory.
const MOST_ROWS: usize = 1000;

/// A type that is read from some members of a JSON object; the last of a repeated
/// member wins, as in JavaScript.
pub trait FromObject<'a>: Sized {
    /// The names of the members.
    const MEMBERS: &'static [&'static str];

    /// Makes it of their values, in the order of the names.
    fn of(values: &[Option<Raw<'a>>]) -> Self;

    /// Reads a value; `None` when it is not an object.
    fn read(raw: Raw<'a>) -> Option<Self> {
        Self::read_text(raw.get())
    }

    /// Reads a whole body; `None` when it is not a JSON object.
    fn read_text(text: &'a str) -> Option<Self> {
        json_rows::row(text, Self::MEMBERS).map(|values| Self::of(&values))
    }
}

/// Declares a row: its members by their names in JSON, each uninterpreted, and
/// how it is read.
///
/// ```
/// use rawdash_connector_sdk::json::object::FromObject;
///
/// rawdash_connector_sdk::row! {
///     /// A station.
///     pub struct StationRow {
///         id: "id",
///         last_seen: "lastSeen",
///     }
/// }
///
/// let row = StationRow::read_text(r#"{"id":"7","lastSeen":null}"#).unwrap();
/// assert_eq!((row.id.raw(), row.last_seen.raw()), (Some("\"7\""), None));
/// ```
#[macro_export]
macro_rules! row {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident {
            $($field:ident: $member:literal),* $(,)?
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, Default)]
        $visibility struct $name<'a> {
            $(
                #[doc = concat!("`", $member, "`.")]
                $visibility $field: $crate::json::cell::Cell<'a>,
            )*
        }

        impl<'a> $crate::json::object::FromObject<'a> for $name<'a> {
            const MEMBERS: &'static [&'static str] = &[$($member),*];

            fn of(values: &[Option<$crate::json::Raw<'a>>]) -> $name<'a> {
                match *values {
                    [$($field),*] => $name { $($field: $crate::json::cell::Cell::from($field)),* },
                    _ => $name::default(),
                }
            }
        }
    };
}

/// Reads the rows of a page; `None` when it is not an array. An item that is
/// not an object is `None`.
pub fn read_rows<'a, R: FromObject<'a>>(page: &'a str) -> Option<Vec<Option<R>>> {
    let rows = Rows::read(page, R::MEMBERS, MOST_ROWS)?;
    Some(rows.iter().map(|values| values.map(R::of)).collect())
}

/// Reads an object whose member `list` holds such rows, and other members of it;
/// `None` when it is not one.
pub fn read_listing<'a, R: FromObject<'a>, O: FromObject<'a>>(
    body: &'a str,
    list: &str,
) -> Option<(Vec<Option<R>>, O)> {
    let (rows, others) = Rows::read_within(body, list, R::MEMBERS, MOST_ROWS, O::MEMBERS)?;
    Some((rows.iter().map(|values| values.map(R::of)).collect(), O::of(&others)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::anomalies::Anomalies;

    row! {
        struct Pair {
            a: "a",
            b: "b",
        }
    }

    fn raw(text: &str) -> Raw<'_> {
        Raw::read(text).unwrap()
    }

    #[test]
    fn a_repeated_member_or_half_a_surrogate_pair_does_not_fail_a_row() {
        let row = Pair::read(raw(r#"{"a":"x","a":30514950,"b":"\ud800","c":{}}"#)).unwrap();
        let mut anomalies = Anomalies::default();
        assert_eq!(row.a.text("a", &mut anomalies).as_deref(), Some("30514950"));
        assert_eq!(row.b.text("b", &mut anomalies), None);
        assert_eq!(anomalies.summary(), "b is not a string (1)");
    }

    #[test]
    fn absent_null_and_empty_are_no_value_and_no_anomaly() {
        let mut anomalies = Anomalies::default();
        for text in [r"{}", r#"{"a":null}"#, r#"{"a":""}"#] {
            let row = Pair::read(raw(text)).unwrap();
            assert_eq!(row.a.text("a", &mut anomalies), None);
            assert_eq!(row.a.timestamp("a", &mut anomalies), None);
            assert!(!row.a.flag("a", &mut anomalies));
        }
        assert_eq!(anomalies.total(), 0);
    }

    #[test]
    fn an_id_too_long_for_a_number_keeps_its_digits() {
        let digits = "90020230602105804441281000000000000001223372045029304287";
        let text = format!(r#"{{"a":{digits}}}"#);
        let row = Pair::read(raw(&text)).unwrap();
        assert_eq!(row.a.text("a", &mut Anomalies::default()).as_deref(), Some(digits));
    }

    #[test]
    fn a_malformed_row_takes_no_other_with_it() {
        for wrong in ["7", "null", "[]", r#"{"a":1,"\ud800":2}"#] {
            let page = format!(r#"[{{"a":1}},{wrong},{{"a":3}}]"#);
            let rows: Vec<Option<Pair<'_>>> = read_rows(&page).unwrap();
            let read: Vec<_> = rows.iter().map(|row| row.as_ref()?.a.raw()).collect();
            assert_eq!(read, [Some("1"), None, Some("3")], "{wrong}");
        }
        assert!(read_rows::<Pair<'_>>(r#"{"a":1}"#).is_none());
    }

    #[test]
    fn deep_nesting_is_ignored() {
        let deep = format!("{{\"a\":1,\"b\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(Pair::read(raw(&deep)).is_some());
    }
}
