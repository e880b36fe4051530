//! Strings.

use super::Kind;
use crate::config::field::Field;
use crate::config::json::{Node, Object, quote};
use crate::config::place::Place;

/// A string that is not empty.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    form: Form,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Any,
    /// ASCII letters, digits and these, which need no escape in a character class
    /// with `-` as the last; not dots alone.
    Letters(&'static str),
    Matching {
        pattern: &'static str,
        fits: fn(&str) -> bool,
        fix: &'static str,
    },
}

/// Whether a text can be a segment of a path as it is.
fn has_only_letters(text: &str, others: &str) -> bool {
    let legal = |letter: char| letter.is_ascii_alphanumeric() || others.contains(letter);
    text.chars().all(legal) && text.chars().any(|letter| letter != '.')
}

impl Text {
    /// Any string that is not empty.
    pub const fn new() -> Text {
        Text { form: Form::Any }
    }

    /// A string of a certain form: `pattern` says it to the schema (ECMA-262,
    /// anchored), `fits` decides, and `fix` is the message where it does not fit.
    pub const fn matching(
        pattern: &'static str,
        fits: fn(&str) -> bool,
        fix: &'static str,
    ) -> Text {
        Text { form: Form::Matching { pattern, fits, fix } }
    }
}

impl Default for Text {
    fn default() -> Text {
        Text::new()
    }
}

impl Field<'_, '_, Text> {
    /// A string of ASCII letters, digits and these other characters, of which `-`
    /// is the last: a name that is written into a path. It is not dots alone.
    pub fn of_letters_and(mut self, others: &'static str) -> Self {
        self.kind = Text { form: Form::Letters(others) };
        self
    }

    /// A string of a certain form, as [`Text::matching`] has it.
    pub fn matching(
        mut self,
        pattern: &'static str,
        fits: fn(&str) -> bool,
        fix: &'static str,
    ) -> Self {
        self.kind = Text::matching(pattern, fits, fix);
        self
    }
}

impl Kind for Text {
    type Value = String;

    fn describe(&self, schema: &mut Object) {
        schema.text("type", "string");
        match self.form {
            Form::Any => schema.raw("minLength", "1"),
            Form::Letters(others) => {
                let others = others.replace('.', "");
                let pattern =
                    format!("^[A-Za-z0-9.{others}]*[A-Za-z0-9{others}][A-Za-z0-9.{others}]*$");
                schema.text("pattern", &pattern);
            }
            Form::Matching { pattern, .. } => schema.text("pattern", pattern),
        }
    }

    fn read(&self, node: Node<'_>, place: &mut Place<'_>) -> Option<String> {
        let Some(text) = node.string().filter(|text| !text.is_empty()) else {
            let such_as = place.such_as();
            place.refuse(format!("Write {} as a string that is not empty{such_as}.", place.what));
            return None;
        };
        match self.form {
            Form::Letters(others) if !has_only_letters(&text, others) => {
                let what = place.what;
                place.refuse(format!("Write {what} with letters, digits and `{others}` alone."));
                None
            }
            Form::Matching { fits, fix, .. } if !fits(&text) => {
                place.refuse(fix);
                None
            }
            _ => Some(text.into_owned()),
        }
    }

    fn placeholder(&self) -> String {
        String::new()
    }

    fn write(&self, value: &String) -> Option<String> {
        Some(quote(value))
    }
}
