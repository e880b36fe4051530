//! `true` and `false`.

use super::Kind;
use crate::config::json::{Node, Object};
use crate::config::place::Place;

/// `true` or `false`.
#[derive(Clone, Copy, Debug)]
pub struct Flag;

impl Kind for Flag {
    type Value = bool;

    fn describe(&self, schema: &mut Object) {
        schema.text("type", "boolean");
    }

    fn read(&self, node: Node<'_>, place: &mut Place<'_>) -> Option<bool> {
        let read = node.flag();
        if read.is_none() {
            place.refuse("Write `true` or `false`, without quotation marks.");
        }
        read
    }

    fn placeholder(&self) -> bool {
        false
    }

    fn write(&self, value: &bool) -> Option<String> {
        Some(value.to_string())
    }
}
