//! Words of which one is chosen.

use super::Kind;
use crate::config::json::{Node, Object, array, quote};
use crate::config::place::Place;

/// One of some words, each with the value that it stands for.
#[derive(Clone, Copy, Debug)]
pub struct Choice<T: 'static> {
    pub(super) words: &'static [(&'static str, T)],
}

impl<T> Choice<T> {
    /// One of these; there is at least one.
    pub const fn of(words: &'static [(&'static str, T)]) -> Choice<T> {
        assert!(!words.is_empty(), "a choice has at least one word");
        Choice { words }
    }
}

impl<T: Copy + PartialEq> Kind for Choice<T> {
    type Value = T;

    fn describe(&self, schema: &mut Object) {
        schema.raw("enum", &array(self.words.iter().map(|(word, _)| quote(word))));
    }

    fn read(&self, node: Node<'_>, place: &mut Place<'_>) -> Option<T> {
        let text = node.string();
        let found = self.words.iter().find(|(word, _)| text.as_deref() == Some(word));
        if found.is_none() {
            place.refuse(format!("Replace it with one of {}.", self.names()?));
        }
        found.map(|(_, value)| *value)
    }

    #[allow(clippy::indexing_slicing, reason = "`of` refuses an empty choice")]
    fn placeholder(&self) -> T {
        self.words[0].1
    }

    fn write(&self, value: &T) -> Option<String> {
        let found = self.words.iter().find(|(_, other)| other == value);
        found.map(|(word, _)| quote(word))
    }

    fn names(&self) -> Option<String> {
        Some(self.words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", "))
    }
}
