//! Takes rows of JSON apart, member by member, without reading the values: each
//! is handed on as it stands in the text. And writes the objects that are made
//! of them.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// A part of a page of rows, in the order of the text.
#[derive(Clone, Copy, Debug)]
pub enum Part<'n, 'a> {
    /// A member of the row under way: its name and its value.
    Member(&'n str, &'a RawValue),
    /// The row is over.
    End,
}

// The functions are not generic over what they hand to: they are compiled once,
// here, with this package's optimisation.

/// Hands on the members of an object; none when the text is none. What was
/// handed on until then is to be forgotten.
pub fn members<'a>(text: &'a str, take: &mut dyn FnMut(&str, &'a RawValue)) -> Option<()> {
    let mut take = |part: Part<'_, 'a>| {
        if let Part::Member(name, value) = part {
            take(name, value);
        }
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Object(&mut take).deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()
}

/// Hands on the rows of an array of objects; none when the text is none, as for
/// [`members`].
pub fn rows<'a>(text: &'a str, take: &mut dyn FnMut(Part<'_, 'a>)) -> Option<()> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    deserializer.deserialize_seq(Rows(take)).ok()?;
    deserializer.end().ok()
}

/// The items of an array, the first `most` of them; none when the text is none.
pub fn items(text: &str, most: usize) -> Option<Vec<&RawValue>> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let items = deserializer.deserialize_seq(Items(most)).ok()?;
    deserializer.end().ok()?;
    Some(items)
}

/// A value of an object that is written; absent is null.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// A text.
    Text(Option<&'a str>),
    /// A whole number.
    Integer(Option<i64>),
    /// A truth value.
    Flag(bool),
}

/// An object of these members, as JSON.
pub fn object(members: &[(&str, Value<'_>)]) -> String {
    // Writing texts and numbers to memory cannot fail, and an empty object
    // keeps even that a legal record.
    serde_json::to_string(&Written(members)).unwrap_or_else(|_| "{}".to_owned())
}

struct Written<'a>(&'a [(&'a str, Value<'a>)]);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.0 {
            map.serialize_key(name)?;
            match value {
                Value::Text(text) => map.serialize_value(text)?,
                Value::Integer(number) => map.serialize_value(number)?,
                Value::Flag(flag) => map.serialize_value(flag)?,
            }
        }
        map.end()
    }
}

/// One row.
struct Object<'s, 'a>(&'s mut dyn FnMut(Part<'_, 'a>));

impl<'a> DeserializeSeed<'a> for Object<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Object<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(name) = map.next_key::<Name<'a>>()? {
            (self.0)(Part::Member(&name.0, map.next_value()?));
        }
        (self.0)(Part::End);
        Ok(())
    }
}

struct Rows<'s, 'a>(&'s mut dyn FnMut(Part<'_, 'a>));

impl<'a> Visitor<'a> for Rows<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut seq: S) -> Result<(), S::Error> {
        while seq.next_element_seed(Object(&mut *self.0))?.is_some() {}
        Ok(())
    }
}

struct Items(usize);

impl<'a> Visitor<'a> for Items {
    type Value = Vec<&'a RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut seq: S) -> Result<Self::Value, S::Error> {
        let mut items = Vec::new();
        while items.len() < self.0 {
            match seq.next_element()? {
                Some(item) => items.push(item),
                None => return Ok(items),
            }
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(items)
    }
}

/// A member's name, borrowed where it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Option<Vec<String>> {
        let mut parts = Vec::new();
        rows(text, &mut |part| match part {
            Part::Member(name, value) => parts.push(format!("{name}={}", value.get())),
            Part::End => parts.push("end".to_owned()),
        })?;
        Some(parts)
    }

    #[test]
    fn values_are_handed_on_as_they_stand() {
        let text = r#" [{"a":30514950,"a":"\ud800","\u0062":[{"c": 1}]}, {}] "#;
        let parts = ["a=30514950", r#"a="\ud800""#, r#"b=[{"c": 1}]"#, "end", "end"];
        assert_eq!(all(text).unwrap(), parts);
    }

    #[test]
    fn what_is_no_array_of_objects_is_none() {
        for text in ["", "{}", "[1]", "[{}", "[{}]]", r#"[{"a":}]"#, r#"[{"\ud800":1}]"#] {
            assert_eq!(all(text), None, "{text}");
        }
        assert!(members("[]", &mut |_, _| {}).is_none());
        assert!(members("{} 1", &mut |_, _| {}).is_none());
    }

    #[test]
    fn an_object_is_written_as_it_is_read() {
        let members = [
            ("a", Value::Text(Some("\u{1}\"é"))),
            ("b", Value::Text(None)),
            ("c", Value::Integer(Some(-7))),
            ("d", Value::Flag(true)),
        ];
        assert_eq!(object(&members), r#"{"a":"\u0001\"é","b":null,"c":-7,"d":true}"#);
        assert_eq!(object(&[]), "{}");
    }

    #[test]
    fn no_more_items_are_kept_than_are_asked_for() {
        let kept = |most| items("[1,[2],3]", most).unwrap().len();
        assert_eq!([kept(2), kept(9)], [2, 3]);
        assert!(items("[1,", 1).is_none());
    }
}
