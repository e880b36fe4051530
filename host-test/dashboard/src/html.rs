//! Writing HTML and SVG. Tags and attribute names are part of the program; every
//! other text is escaped, so none from a database can become markup.

use std::fmt::{Display, Write};

/// A document or a part of one.
#[derive(Debug, Default)]
pub(crate) struct Html(String);

/// The name of an attribute, and its value.
pub(crate) type Attribute<'a> = (&'static str, &'a dyn Display);

impl Html {
    /// Appends markup of the program's own.
    pub(crate) fn markup(&mut self, markup: &'static str) {
        self.0.push_str(markup);
    }

    /// Appends text.
    pub(crate) fn text(&mut self, text: impl Display) {
        // Writing to a string cannot fail.
        let _ = write!(Escaping(&mut self.0), "{text}");
    }

    /// Appends text from the database, which can neither change the direction of
    /// what follows nor be longer than is of use.
    pub(crate) fn foreign(&mut self, text: &str) {
        self.element("bdi", &[], |html| html.text(shortened(text, 80)));
    }

    /// Appends an element with content.
    pub(crate) fn element(
        &mut self,
        tag: &'static str,
        attributes: &[Attribute<'_>],
        content: impl FnOnce(&mut Html),
    ) {
        self.empty(tag, attributes);
        content(self);
        self.0.push_str("</");
        self.0.push_str(tag);
        self.0.push('>');
    }

    /// Appends the start tag of an element: all of it where HTML lets it have no content.
    pub(crate) fn empty(&mut self, tag: &'static str, attributes: &[Attribute<'_>]) {
        self.0.push('<');
        self.0.push_str(tag);
        for (name, value) in attributes {
            self.0.push(' ');
            self.0.push_str(name);
            self.0.push_str("=\"");
            self.text(value);
            self.0.push('"');
        }
        self.0.push('>');
    }

    /// Appends an element with text and nothing else; without a class if that is empty.
    pub(crate) fn line(&mut self, tag: &'static str, class: &'static str, text: impl Display) {
        let attributes: &[Attribute<'_>] = &[("class", &class)];
        let attributes = if class.is_empty() { &[] } else { attributes };
        self.element(tag, attributes, |html| html.text(text));
    }

    /// The text of the document.
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

/// At most so many characters; an ellipsis for what is left out.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => {
            let kept: String = text.chars().take(most.saturating_sub(1)).collect();
            format!("{kept}…")
        }
    }
}

struct Escaping<'a>(&'a mut String);

impl Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                // HTML knows no such character.
                character if character.is_control() => self.0.push('\u{FFFD}'),
                character => self.0.push(character),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_element_has_its_attributes_and_content_escaped() {
        let mut html = Html::default();
        html.element("p", &[("title", &"\"'")], |html| html.text("<script>&\u{0}"));
        let expected = "<p title=\"&quot;&#39;\">&lt;script&gt;&amp;\u{FFFD}</p>";
        assert_eq!(html.into_text(), expected);
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(shortened("äöü", 3), "äöü");
        assert_eq!(shortened("äöüß", 3), "äö…");
        assert_eq!(shortened("", 0), "");
    }

    proptest! {
        #[test]
        fn no_text_becomes_markup(text in "\\PC*|[<>&\"'\u{0}-\u{1f}\u{202e}a]*") {
            let mut html = Html::default();
            html.foreign(&text);
            let html = html.into_text();
            let inner = html.strip_prefix("<bdi>").and_then(|html| html.strip_suffix("</bdi>"));
            let inner = inner.unwrap();
            prop_assert!(!inner.contains(['<', '>', '"', '\'']));
            prop_assert!(!inner.chars().any(char::is_control));
            prop_assert!(inner.chars().count() <= 80 * "&quot;".len());
        }
    }
}
