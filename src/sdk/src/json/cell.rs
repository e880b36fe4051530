//! One value of an object, of any JSON type.
//!
//! A source passes on what others send to it, so any member of a row can be of
//! any type. A value is borrowed from the page as it is and interpreted only
//! where it is used. A derived `Deserialize` would refuse a whole page for one
//! repeated key or one string with half of a surrogate pair.

use json_rows::{Raw, Said, Text};

use crate::json::anomalies::Anomalies;
use crate::time::timestamp::Timestamp;

/// A member of an object; absent when the object lacks it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cell<'a>(Option<Raw<'a>>);

impl<'a> From<Option<Raw<'a>>> for Cell<'a> {
    fn from(raw: Option<Raw<'a>>) -> Cell<'a> {
        Cell(raw)
    }
}

impl<'a> Cell<'a> {
    /// The value; `None` where it is absent, `null` or `""`, the three ways in
    /// which a source says that there is no value.
    pub fn value(self) -> Option<Raw<'a>> {
        self.0.filter(|raw| !raw.is_null() && !raw.is_empty())
    }

    /// The JSON text of the value, as for [`Cell::value`].
    pub fn raw(self) -> Option<&'a str> {
        self.value().map(Raw::get)
    }

    /// A JSON string as it is, the empty one included; `None` for anything else.
    pub fn string(self) -> Option<Text<'a>> {
        self.0.and_then(Raw::string)
    }

    /// A string; a number or a boolean counts as its text.
    pub fn text(self, what: &'static str, anomalies: &mut Anomalies) -> Option<Text<'a>> {
        match self.0?.said() {
            Said::Text(text) => Some(text),
            Said::Nothing => None,
            Said::NoText => {
                anomalies.count(what, "is not a string");
                None
            }
        }
    }

    /// An instant.
    pub fn timestamp(self, what: &'static str, anomalies: &mut Anomalies) -> Option<Timestamp> {
        let read = self.value()?.string().and_then(|text| Timestamp::parse(&text));
        if read.is_none() {
            anomalies.count(what, "is not a date");
        }
        read
    }

    /// A finite number; a string that contains one counts too.
    pub fn number(self, what: &'static str, anomalies: &mut Anomalies) -> Option<f64> {
        let value = self.value()?;
        let read = match value.string() {
            Some(text) => serde_json::from_str::<f64>(&text),
            None => serde_json::from_str::<f64>(value.get()),
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
