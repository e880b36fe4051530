//! One value of a row, of whatever JSON it is.
//!
//! Auth0 passes on what identity providers send, so any member of a row can be
//! of any type. Rows are taken apart here without failing: a value is borrowed
//! from the page as it stands and read only where it is wanted. A derived
//! `Deserialize` would refuse a whole page for one repeated key or one text
//! with half of a surrogate pair.

use std::borrow::Cow;

use json_rows::Part;
use serde_json::value::RawValue;

use crate::timestamp::Timestamp;

/// No page asks for more than 100 rows; what a server adds beyond a thousand is
/// not kept in memory.
const MOST_ROWS: usize = 1000;

/// A member of a row; absent when the row lacks it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cell<'a>(Option<&'a RawValue>);

/// What could not be read in the rows of a page: how often, by what and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Oddities(Vec<Oddity>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Oddity {
    what: &'static str,
    why: &'static str,
    times: u32,
}

impl Oddities {
    /// Counts one value, or one row, that could not be kept.
    pub fn count(&mut self, what: &'static str, why: &'static str) {
        match self.0.binary_search_by_key(&(what, why), |odd| (odd.what, odd.why)) {
            Ok(at) => {
                if let Some(odd) = self.0.get_mut(at) {
                    odd.times = odd.times.saturating_add(1);
                }
            }
            Err(at) => self.0.insert(at, Oddity { what, why, times: 1 }),
        }
    }

    /// How many there were.
    pub fn total(&self) -> u32 {
        self.0.iter().fold(0, |sum, odd| sum.saturating_add(odd.times))
    }

    /// `created_at is no date (2), user_id is missing (1)`.
    pub fn summary(&self) -> String {
        let part = |odd: &Oddity| format!("{} {} ({})", odd.what, odd.why, odd.times);
        self.0.iter().map(part).collect::<Vec<_>>().join(", ")
    }
}

impl<'a> Cell<'a> {
    /// A value as it stands in the page.
    pub fn new(raw: &'a RawValue) -> Cell<'a> {
        Cell(Some(raw))
    }

    /// The JSON text; none where the value is absent, `null` or `""`, the three
    /// ways in which Auth0 says that there is nothing.
    pub fn raw(self) -> Option<&'a str> {
        self.0.map(RawValue::get).filter(|text| !matches!(*text, "null" | "\"\""))
    }

    /// A JSON string as it stands, the empty one too; none for all else.
    pub fn string(self) -> Option<Cow<'a, str>> {
        self.0.and_then(|raw| string(raw.get()))
    }

    /// A text; a number or a truth value counts as its text.
    pub fn text(self, what: &'static str, odd: &mut Oddities) -> Option<Cow<'a, str>> {
        let raw = self.raw()?;
        let read = match raw.bytes().next() {
            Some(b'"') => string(raw),
            Some(b'{' | b'[') => None,
            _ => Some(Cow::Borrowed(raw)),
        };
        if read.is_none() {
            odd.count(what, "is no text");
        }
        read
    }

    /// An instant.
    pub fn timestamp(self, what: &'static str, odd: &mut Oddities) -> Option<Timestamp> {
        let raw = self.raw()?;
        let read = string(raw).and_then(|text| Timestamp::parse(&text));
        if read.is_none() {
            odd.count(what, "is no date");
        }
        read
    }

    /// A finite number; a text that holds one counts too.
    pub fn number(self, what: &'static str, odd: &mut Oddities) -> Option<f64> {
        let raw = self.raw()?;
        let read = match string(raw) {
            Some(text) => serde_json::from_str::<f64>(&text),
            None => serde_json::from_str::<f64>(raw),
        };
        let read = read.ok().filter(|number| number.is_finite());
        if read.is_none() {
            odd.count(what, "is no number");
        }
        read
    }

    /// A truth value; false where there is none.
    pub fn flag(self, what: &'static str, odd: &mut Oddities) -> bool {
        match self.raw() {
            None | Some("false" | "0" | "\"false\"") => false,
            Some("true" | "1" | "\"true\"") => true,
            Some(_) => {
                odd.count(what, "is no truth value");
                false
            }
        }
    }
}

fn string(raw: &str) -> Option<Cow<'_, str>> {
    if !raw.starts_with('"') {
        return None;
    }
    let inner = raw.get(1..raw.len().saturating_sub(1))?;
    if inner.contains('\\') {
        serde_json::from_str::<String>(raw).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

/// A row whose members are handed to `set` by name; the last of a repeated
/// member wins, as in JavaScript.
pub trait Row<'a>: Default {
    /// Takes one member; one that the row has no use for is passed over.
    fn set(&mut self, name: &str, value: Cell<'a>);

    /// Reads a row; none when it is no object.
    fn read(raw: &'a RawValue) -> Option<Self> {
        Self::read_text(raw.get())
    }

    /// Reads a whole body; none when it is no JSON object.
    fn read_text(text: &'a str) -> Option<Self> {
        let mut row = Self::default();
        json_rows::members(text, &mut |name, value| row.set(name, Cell::new(value)))?;
        Some(row)
    }
}

/// The items of an array, unread; none when the text is none.
pub fn items(text: &str) -> Option<Vec<&RawValue>> {
    json_rows::items(text, MOST_ROWS)
}

/// Reads the rows of a page; none when it is no array. An item that is no
/// object is none.
pub fn read_rows<'a, R: Row<'a>>(page: &'a str) -> Option<Vec<Option<R>>> {
    let (mut rows, mut row) = (Vec::new(), R::default());
    let whole = json_rows::rows(page, &mut |part| match part {
        Part::Member(name, value) => row.set(name, Cell::new(value)),
        Part::End if rows.len() < MOST_ROWS => rows.push(Some(std::mem::take(&mut row))),
        Part::End => row = R::default(),
    });
    // A page is a large text, and once over it is enough where all is well;
    // else item by item, so that no other row is lost with one that is wrong.
    match whole {
        Some(()) => Some(rows),
        None => Some(items(page)?.into_iter().map(R::read).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Pair<'a> {
        a: Cell<'a>,
        b: Cell<'a>,
    }

    impl<'a> Row<'a> for Pair<'a> {
        fn set(&mut self, name: &str, value: Cell<'a>) {
            match name {
                "a" => self.a = value,
                "b" => self.b = value,
                _ => {}
            }
        }
    }

    fn raw(text: &str) -> &RawValue {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_repeated_member_or_half_a_surrogate_pair_does_not_fail_a_row() {
        let row = Pair::read(raw(r#"{"a":"x","a":30514950,"b":"\ud800","c":{}}"#)).unwrap();
        let mut odd = Oddities::default();
        assert_eq!(row.a.text("a", &mut odd).as_deref(), Some("30514950"));
        assert_eq!(row.b.text("b", &mut odd), None);
        assert_eq!(odd.summary(), "b is no text (1)");
    }

    #[test]
    fn absent_null_and_empty_are_nothing_and_not_odd() {
        let mut odd = Oddities::default();
        for text in [r"{}", r#"{"a":null}"#, r#"{"a":""}"#] {
            let row = Pair::read(raw(text)).unwrap();
            assert_eq!(row.a.text("a", &mut odd), None);
            assert_eq!(row.a.timestamp("a", &mut odd), None);
            assert!(!row.a.flag("a", &mut odd));
        }
        assert_eq!(odd.total(), 0);
    }

    #[test]
    fn an_id_too_long_for_a_number_keeps_its_digits() {
        let digits = "90020230602105804441281000000000000001223372045029304287";
        let text = format!(r#"{{"a":{digits}}}"#);
        let row = Pair::read(raw(&text)).unwrap();
        assert_eq!(row.a.text("a", &mut Oddities::default()).as_deref(), Some(digits));
    }

    #[test]
    fn a_row_that_is_wrong_takes_no_other_with_it() {
        for wrong in ["7", "null", "[]", r#"{"a":1,"\ud800":2}"#] {
            let page = format!(r#"[{{"a":1}},{wrong},{{"a":3}}]"#);
            let rows: Vec<Option<Pair<'_>>> = read_rows(&page).unwrap();
            let read: Vec<_> = rows.iter().map(|row| row.as_ref()?.a.raw()).collect();
            assert_eq!(read, [Some("1"), None, Some("3")], "{wrong}");
        }
        assert!(read_rows::<Pair<'_>>(r#"{"a":1}"#).is_none());
    }

    #[test]
    fn deep_nesting_is_passed_over() {
        let deep = format!("{{\"a\":1,\"b\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(Pair::read(raw(&deep)).is_some());
    }
}
