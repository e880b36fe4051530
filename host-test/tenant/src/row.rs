//! A JSON object as written: with its order, repeated keys and odd escapes.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::fmt;

/// The members of an object in their order.
///
/// Rows may be odd on purpose (a repeated key, half a surrogate pair), and a
/// `Value` would repair or refuse them.
#[derive(Debug)]
pub(crate) struct Row(Vec<(String, Box<RawValue>)>);

impl Row {
    /// The row of a JSON text, if that is an object.
    pub(crate) fn parse(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    /// The value of a member; of a repeated key, the last one.
    pub(crate) fn get(&self, key: &str) -> Option<Value> {
        let (_, raw) = self.0.iter().rev().find(|(name, _)| name == key)?;
        serde_json::from_str(raw.get()).ok()
    }

    /// The texts at a dotted path, including those in arrays, as in an index.
    pub(crate) fn texts(&self, path: &str) -> Vec<String> {
        let mut names = path.split('.');
        let root = names.next().and_then(|name| self.get(name));
        let mut found = Vec::new();
        if let Some(root) = root {
            leaves(&root, &names.collect::<Vec<_>>(), &mut found);
        }
        found
    }

    /// Sets a member, or removes it.
    pub(crate) fn set(&mut self, key: &str, value: Option<&Value>) {
        self.0.retain(|(name, _)| name != key);
        if let Some(raw) = value.and_then(|value| serde_json::value::to_raw_value(value).ok()) {
            self.0.push((key.to_owned(), raw));
        }
    }

    /// The row with only the members for which `keep` is true, as JSON.
    pub(crate) fn select(&self, keep: impl Fn(&str) -> bool) -> String {
        let members: Vec<String> = self
            .0
            .iter()
            .filter(|(name, _)| keep(name))
            .map(|(name, raw)| format!("{}:{}", Value::from(name.as_str()), raw.get()))
            .collect();
        format!("{{{}}}", members.join(","))
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Row;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Row(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

fn leaves(value: &Value, path: &[&str], found: &mut Vec<String>) {
    match (value, path) {
        (Value::Array(items), _) => items.iter().for_each(|item| leaves(item, path, found)),
        (Value::Object(members), [name, rest @ ..]) => {
            if let Some(member) = members.get(*name) {
                leaves(member, rest, found);
            }
        }
        (Value::Object(members), []) => {
            members.values().for_each(|member| leaves(member, &[], found));
        }
        (Value::Null, _) | (_, [_, ..]) => {}
        (value, []) => found.push(text(value)),
    }
}

/// A value as the text in an index.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_row_is_kept_as_it_is_and_not_repaired() {
        let odd = r#"{"b":1,"a":"\ud800","b":2}"#;
        let row = Row::parse(odd).unwrap();
        assert_eq!(row.select(|_| true), odd);
        assert_eq!(row.select(|name| name == "b"), r#"{"b":1,"b":2}"#);
        assert_eq!(row.get("b"), Some(Value::from(2)));
        assert!(Row::parse("null").is_none());
    }
}
