//! The kinds of values, one file each.

pub(super) mod choice;
pub(super) mod flag;
pub(super) mod host;
pub(super) mod list;
pub(super) mod number;
pub(super) mod one_of;
pub(super) mod secret;
pub(super) mod setting;
pub(super) mod text;
pub(super) mod whole;

use super::json::{Node, Object};
use super::place::Place;

/// A kind of value: its schema, and how it is read.
pub trait Kind {
    /// What a value of the kind becomes.
    type Value;

    /// Writes what the schema says of it.
    fn describe(&self, schema: &mut Object);

    /// Reads a value; adds an issue where it cannot.
    fn read(&self, node: Node<'_>, place: &mut Place<'_>) -> Option<Self::Value>;

    /// What stands for a value that could not be read, in a configuration that is
    /// discarded.
    fn placeholder(&self) -> Self::Value;

    /// A default as JSON; `None` where a schema cannot show it.
    fn write(&self, value: &Self::Value) -> Option<String>;

    /// The issue of a required field that is absent, where `Add {what}.` will not
    /// do.
    fn missing(&self) -> Option<fn(&Place<'_>) -> String> {
        None
    }

    /// The words that are legal, where there are only a few.
    fn names(&self) -> Option<String> {
        None
    }
}
