//! Writes objects.

use crate::block::special;
use crate::text::Text;

/// A value of an object that is written; absent is null.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// A text that was read.
    Read(Option<&'a Text<'a>>),
    /// Another text.
    Text(Option<&'a str>),
    /// A whole number.
    Integer(Option<i64>),
    /// A truth value.
    Flag(bool),
}

/// A member of an object that is written.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// Its name as it is written behind another member: `,"name":`.
    start: &'static str,
    value: Value<'a>,
}

impl<'a> Member<'a> {
    /// A member; [`object!`](crate::object) writes `start`.
    pub fn new(start: &'static str, value: Value<'a>) -> Member<'a> {
        Member { start, value }
    }
}

/// Writes an object of these members as JSON. The names are literals in which nothing
/// must be escaped, which the compiler checks.
///
/// ```
/// use json_rows::{Value, object};
///
/// assert_eq!(object! { "a": Value::Flag(true), "b": Value::Text(None) }, r#"{"a":true,"b":null}"#);
/// ```
#[macro_export]
macro_rules! object {
    ($($name:literal: $value:expr),* $(,)?) => {{
        const { $(assert!($crate::is_plain($name));)* };
        $crate::written(&[$($crate::Member::new(concat!(",\"", $name, "\":"), $value)),*])
    }};
}

/// Whether a name is written as it is.
#[doc(hidden)]
pub const fn is_plain(name: &str) -> bool {
    let mut rest = name.as_bytes();
    while let [byte, behind @ ..] = rest {
        if matches!(byte, b'"' | b'\\' | 0..0x20) {
            return false;
        }
        rest = behind;
    }
    true
}

/// An object of these members, as JSON.
#[doc(hidden)]
pub fn written(members: &[Member<'_>]) -> String {
    let room = members.iter().map(|member| member.start.len() + room(&member.value)).sum::<usize>();
    let mut out = String::with_capacity("{}".len() + room.saturating_sub(",".len()));
    let mut before = ",";
    out.push('{');
    for Member { start, value } in members {
        out.push_str(start.get(before.len()..).unwrap_or_default());
        before = "";
        match value {
            Value::Read(Some(value)) if value.is_plain() => {
                out.push('"');
                out.push_str(value);
                out.push('"');
            }
            Value::Read(Some(value)) => text(&mut out, value),
            Value::Text(Some(value)) => text(&mut out, value),
            Value::Integer(Some(value)) => out.push_str(itoa::Buffer::new().format(*value)),
            Value::Flag(true) => out.push_str("true"),
            Value::Flag(false) => out.push_str("false"),
            Value::Read(None) | Value::Text(None) | Value::Integer(None) => out.push_str("null"),
        }
    }
    out.push('}');
    out
}

/// Bytes that a value takes, where nothing is escaped. A text with as many bytes as it
/// has room for is handed on without another copy.
fn room(value: &Value<'_>) -> usize {
    match value {
        Value::Read(Some(text)) => text.len() + "\"\"".len(),
        Value::Text(Some(text)) => text.len() + "\"\"".len(),
        Value::Read(None) | Value::Text(None) | Value::Integer(None) => "null".len(),
        Value::Flag(true) => "true".len(),
        Value::Flag(false) => "false".len(),
        Value::Integer(Some(value)) => {
            let digits = value.unsigned_abs().checked_ilog10().unwrap_or(0) as usize + 1;
            digits + usize::from(*value < 0)
        }
    }
}

fn text(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some((plain, behind)) = rest.split_at_checked(special(rest.as_bytes(), 0)) {
        out.push_str(plain);
        let mut characters = behind.chars();
        let Some(character) = characters.next() else { break };
        escape(out, character);
        rest = characters.as_str();
    }
    out.push('"');
}

/// A quote, a backslash or a control character.
fn escape(out: &mut String, character: char) {
    let short = match character {
        '\u{8}' => 'b',
        '\u{c}' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\0'..' ' => {
            let digit = |digit: u32| char::from_digit(digit, 16).unwrap_or('0');
            let code = u32::from(character);
            out.push_str("\\u00");
            out.push(digit(code >> 4));
            out.push(digit(code & 15));
            return;
        }
        other => other,
    };
    out.push('\\');
    out.push(short);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Raw, Said};

    #[test]
    fn an_object_is_written_as_it_is_read() {
        let written = object! {
            "a": Value::Text(Some("\u{1}\"é")),
            "b": Value::Text(None),
            "c": Value::Integer(Some(-7)),
            "d": Value::Flag(true),
        };
        assert_eq!(written, r#"{"a":"\u0001\"é","b":null,"c":-7,"d":true}"#);
        assert_eq!(object! {}, "{}");
    }

    #[test]
    fn what_was_read_is_written_so_that_it_reads_the_same() {
        for value in [r#""plain""#, r#""a\"b\\c\u0001é""#, "-7.5e3", "true"] {
            let Said::Text(text) = Raw::read(value).unwrap().said() else { panic!("{value}") };
            let written = object! { "a": Value::Read(Some(&text)), "b": Value::Read(None) };
            let read: serde_json::Value = serde_json::from_str(&written).unwrap();
            assert_eq!(read["a"], *text, "{written}");
        }
    }

    #[test]
    fn a_text_of_a_page_takes_no_more_room_than_it_was_given() {
        let Said::Text(text) = Raw::read(r#""plain""#).unwrap().said() else { panic!() };
        let written = object! {
            "a": Value::Read(Some(&text)), "b": Value::Text(None), "c": Value::Flag(false),
            "d": Value::Integer(Some(1_630_652_900_562)), "e": Value::Text(Some("x")),
        };
        assert_eq!(written.capacity(), written.len());
    }

    #[test]
    fn a_name_that_must_be_escaped_is_not_plain() {
        let names = ["", "logId", "é", "a\"", "\\a", "a\n"];
        assert_eq!(names.map(is_plain), [true, true, true, false, false, false]);
    }
}
