//! One value of an object, of any JSON type.
//!
//! A source passes on what others send to it, so any member of a row can be of
//! any type. A value is borrowed from the page as it is and interpreted only
//! where it is used. A derived `Deserialize` would refuse a whole page for one
//! repeated key or one string with half of a surrogate pair.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::json::anomalies::Anomalies;
use crate::time::timestamp::Timestamp;

/// A member of an object; absent when the object lacks it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cell<'a>(Option<&'a RawValue>);

impl<'a> Cell<'a> {
    /// A value as it is in the page.
    pub fn new(raw: &'a RawValue) -> Cell<'a> {
        Cell(Some(raw))
    }

    /// The JSON text; `None` where the value is absent, `null` or `""`, the three
    /// ways in which a source says that there is no value.
    pub fn raw(self) -> Option<&'a str> {
        self.0.map(RawValue::get).filter(|text| !matches!(*text, "null" | "\"\""))
    }

    /// A JSON string as it is, the empty one included; `None` for anything else.
    pub fn string(self) -> Option<Cow<'a, str>> {
        self.0.and_then(|raw| string(raw.get()))
    }

    /// A string; a number or a boolean counts as its text.
    pub fn text(self, what: &'static str, anomalies: &mut Anomalies) -> Option<Cow<'a, str>> {
        let raw = self.raw()?;
        let read = match raw.bytes().next() {
            Some(b'"') => string(raw),
            Some(b'{' | b'[') => None,
            _ => Some(Cow::Borrowed(raw)),
        };
        if read.is_none() {
            anomalies.count(what, "is not a string");
        }
        read
    }

    /// An instant.
    pub fn timestamp(self, what: &'static str, anomalies: &mut Anomalies) -> Option<Timestamp> {
        let raw = self.raw()?;
        let read = string(raw).and_then(|text| Timestamp::parse(&text));
        if read.is_none() {
            anomalies.count(what, "is not a date");
        }
        read
    }

    /// A finite number; a string that contains one counts too.
    pub fn number(self, what: &'static str, anomalies: &mut Anomalies) -> Option<f64> {
        let raw = self.raw()?;
        let read = match string(raw) {
            Some(text) => serde_json::from_str::<f64>(&text),
            None => serde_json::from_str::<f64>(raw),
        };
        let read = read.ok().filter(|number| number.is_finite());
        if read.is_none() {
            anomalies.count(what, "is not a number");
        }
        read
    }

    /// A boolean; false where there is none.
    pub fn flag(self, what: &'static str, anomalies: &mut Anomalies) -> bool {
        match self.raw() {
            None | Some("false" | "0" | "\"false\"") => false,
            Some("true" | "1" | "\"true\"") => true,
            Some(_) => {
                anomalies.count(what, "is not a boolean");
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
