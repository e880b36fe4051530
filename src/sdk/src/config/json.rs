//! The JSON of configurations, read value by value, and of schemas, written
//! member by member.

use json_rows::{Raw, Text};
use serde::de::{Error, IgnoredAny};

/// No list of a configuration is longer than is sensible to write by hand.
const MOST_ITEMS: usize = 10_000;

/// One value.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a>(Raw<'a>);

impl<'a> Node<'a> {
    /// Reads a text; serde_json says where it is not JSON.
    pub(super) fn parse(text: &'a str) -> Result<Node<'a>, serde_json::Error> {
        serde_json::from_str::<IgnoredAny>(text)?;
        Raw::read(text).map(Node).ok_or_else(|| serde_json::Error::custom("not JSON"))
    }

    pub(super) fn string(self) -> Option<Text<'a>> {
        self.0.string()
    }

    pub(super) fn number(self) -> Option<f64> {
        serde_json::from_str::<f64>(self.0.get()).ok().filter(|number| number.is_finite())
    }

    pub(super) fn flag(self) -> Option<bool> {
        match self.0.get() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    pub(super) fn items(self) -> Option<Vec<Node<'a>>> {
        let items = json_rows::items(self.0.get(), MOST_ITEMS)?;
        Some(items.into_iter().map(Node).collect())
    }

    /// The members of an object; the last of a repeated member wins.
    pub(super) fn members(self) -> Option<Vec<(String, Node<'a>)>> {
        let mut members: Vec<(String, Node<'a>)> = Vec::new();
        json_rows::members(self.0.get(), &mut |name, value| {
            members.retain(|(other, _)| other != name);
            members.push((name.to_owned(), Node(value)));
        })?;
        Some(members)
    }
}

/// A text as JSON.
pub(super) fn quote(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// A number as JSON. The standard library's way of writing it takes up ten times
/// the room in a component.
pub(super) fn decimal(number: f64) -> String {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < EXACT {
        return (number as i64).to_string();
    }
    serde_json::to_string(&number).unwrap_or_default()
}

/// Texts as a JSON array.
pub(super) fn array(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

/// An object that is written member by member.
#[derive(Default)]
pub struct Object(String);

impl Object {
    /// Adds a member whose value is JSON text.
    pub(super) fn raw(&mut self, name: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push(',');
        }
        self.0.push_str(&quote(name));
        self.0.push(':');
        self.0.push_str(value);
    }

    /// Adds a member whose value is a string.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.raw(name, &quote(value));
    }

    pub(super) fn finish(self) -> String {
        format!("{{{}}}", self.0)
    }
}
