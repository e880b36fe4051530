//! Strings.

use super::Kind;
use crate::config::field::Field;
use crate::config::json::{Node, Object, quote};
use crate::config::place::Place;

/// A string that is not empty.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    form: Option<Form>,
}

#[derive(Clone, Copy, Debug)]
struct Form {
    pattern: &'static str,
    fits: fn(&str) -> bool,
    fix: &'static str,
}

impl Text {
    /// Any string that is not empty.
    pub const fn new() -> Text {
        Text { form: None }
    }

    /// A string of a certain form: `pattern` says it to the schema (ECMA-262,
    /// anchored), `fits` decides, and `fix` is the message where it does not fit.
    pub const fn matching(
        pattern: &'static str,
        fits: fn(&str) -> bool,
        fix: &'static str,
    ) -> Text {
        Text { form: Some(Form { pattern, fits, fix }) }
    }
}

impl Default for Text {
    fn default() -> Text {
        Text::new()
    }
}

impl Field<'_, '_, Text> {
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
            Some(form) => schema.text("pattern", form.pattern),
            None => schema.raw("minLength", "1"),
        }
    }

    fn read(&self, node: Node<'_>, place: &mut Place<'_>) -> Option<String> {
        let Some(text) = node.string().filter(|text| !text.is_empty()) else {
            let such_as = place.such_as();
            place.refuse(format!("Write {} as a string that is not empty{such_as}.", place.what));
            return None;
        };
        match self.form {
            Some(form) if !(form.fits)(&text) => {
                place.refuse(form.fix);
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
