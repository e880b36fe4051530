//! Lists.

use super::Kind;
use super::choice::Choice;
use crate::config::field::Field;
use crate::config::json::{Node, Object, array};
use crate::config::place::Place;

/// A list of one or more values of a kind.
#[derive(Clone, Copy, Debug)]
pub struct List<K> {
    pub(in crate::config) items: K,
}

impl<K> List<K> {
    /// A list of values of this kind.
    pub const fn of(items: K) -> List<K> {
        List { items }
    }
}

impl<K: Kind> Kind for List<K> {
    type Value = Vec<K::Value>;

    fn describe(&self, schema: &mut Object) {
        schema.text("type", "array");
        schema.raw("minItems", "1");
        let mut items = Object::default();
        self.items.describe(&mut items);
        schema.raw("items", &items.finish());
    }

    fn read(&self, node: Node<'_>, place: &mut Place<'_>) -> Option<Vec<K::Value>> {
        let Some(items) = node.items().filter(|items| !items.is_empty()) else {
            place.refuse(match self.items.names() {
                Some(names) => format!("List one or more of {names}, or remove the field."),
                None => format!("Write a list of one or more: {}.", place.what),
            });
            return None;
        };
        let count = items.len();
        let item = |(at, item): (usize, Node<'_>)| {
            place.within(&at.to_string(), |place| self.items.read(item, place))
        };
        let read: Vec<_> = items.into_iter().enumerate().filter_map(item).collect();
        (read.len() == count).then_some(read)
    }

    fn placeholder(&self) -> Vec<K::Value> {
        Vec::new()
    }

    fn write(&self, value: &Vec<K::Value>) -> Option<String> {
        let items: Option<Vec<_>> = value.iter().map(|item| self.items.write(item)).collect();
        Some(array(items?.into_iter()))
    }
}

impl<T: Copy + PartialEq> Field<'_, '_, List<Choice<T>>> {
    /// The values that are listed, each once and in the order of the words; all
    /// of them where the field is absent.
    pub fn or_all(self) -> Vec<T> {
        let words = self.kind.items.words;
        let listed = self.or_else(None, words.iter().map(|(_, value)| *value).collect());
        words.iter().map(|(_, value)| *value).filter(|value| listed.contains(value)).collect()
    }
}
