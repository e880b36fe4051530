//! Writes objects.

use crate::block::special;

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
    let room = members.iter().map(|(name, value)| name.len() + room(value)).sum::<usize>();
    let mut out = String::with_capacity(room + 2);
    out.push('{');
    for (number, (name, value)) in members.iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        text(&mut out, name);
        out.push(':');
        match value {
            Value::Text(Some(value)) => text(&mut out, value),
            Value::Integer(Some(value)) => out.push_str(itoa::Buffer::new().format(*value)),
            Value::Flag(true) => out.push_str("true"),
            Value::Flag(false) => out.push_str("false"),
            Value::Text(None) | Value::Integer(None) => out.push_str("null"),
        }
    }
    out.push('}');
    out
}

/// Bytes that a member takes beside its name, where nothing is escaped.
fn room(value: &Value<'_>) -> usize {
    let value = match value {
        Value::Text(Some(text)) => text.len() + 2,
        Value::Text(None) | Value::Flag(_) | Value::Integer(None) => "false".len(),
        Value::Integer(Some(_)) => "-9223372036854775808".len(),
    };
    "\"\":,".len() + value
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
}
