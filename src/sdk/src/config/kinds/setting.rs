//! The resources of a connector, as its configuration names them.

use super::Kind;
use super::list::List;
use crate::config::field::Field;
use crate::config::json::{Node, Object, array, quote};
use crate::config::place::Place;

/// The setting of a resource.
#[derive(Clone, Debug)]
pub struct Setting {
    settings: Vec<String>,
}

impl Setting {
    pub(in crate::config) fn of(settings: Vec<String>) -> Setting {
        Setting { settings }
    }
}

impl Kind for Setting {
    type Value = String;

    fn describe(&self, schema: &mut Object) {
        schema.raw("enum", &array(self.settings.iter().map(|setting| quote(setting))));
    }

    fn read(&self, node: Node<'_>, place: &mut Place<'_>) -> Option<String> {
        let text = node.string();
        let found = self.settings.iter().find(|setting| text.as_deref() == Some(setting));
        if found.is_none() {
            place.refuse(format!("Replace it with one of {}.", self.settings.join(", ")));
        }
        found.cloned()
    }

    fn placeholder(&self) -> String {
        String::new()
    }

    fn write(&self, value: &String) -> Option<String> {
        Some(quote(value))
    }

    fn names(&self) -> Option<String> {
        Some(self.settings.join(", "))
    }
}

impl Field<'_, '_, List<Setting>> {
    /// The settings that are listed; all of them where the field is absent.
    pub fn or_all(self) -> Vec<String> {
        let all = self.kind.items.settings.clone();
        self.or_else(None, all)
    }
}
