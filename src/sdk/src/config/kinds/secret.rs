//! References to secrets.

use super::Kind;
use crate::config::json::{Node, Object};
use crate::config::place::Place;
use crate::config::secret::Secret;

const DEFAULT_NAME: &str = "NAME";
const SCHEMA: &str = r#"{"$secret":{"title":"Name of the secret","description":"The name under which the host keeps the secret.","type":"string","minLength":1}}"#;

/// A reference to a secret: `{"$secret": "NAME"}`.
#[derive(Clone, Copy, Debug)]
pub struct SecretReference;

/// The reference as it is to be written; a field's example is the secret's name.
fn reference(place: &Place<'_>) -> String {
    format!("`{{\"$secret\": \"{}\"}}`", place.example.unwrap_or(DEFAULT_NAME))
}

impl Kind for SecretReference {
    type Value = Secret;

    fn describe(&self, schema: &mut Object) {
        schema.text("type", "object");
        schema.raw("required", r#"["$secret"]"#);
        schema.raw("additionalProperties", "false");
        schema.raw("properties", SCHEMA);
        schema.raw("writeOnly", "true");
    }

    fn read(&self, node: Node<'_>, place: &mut Place<'_>) -> Option<Secret> {
        let reference = reference(place);
        if node.string().is_some() {
            place.refuse(format!(
                "Take the secret out of the configuration and write a reference to it: {reference}."
            ));
            return None;
        }
        let name = match node.members().as_deref() {
            Some([(member, name)]) if member == "$secret" => name.string(),
            _ => None,
        };
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            place.refuse(format!("Write the reference as an object with the one member `$secret`, a name: {reference}."));
            return None;
        };
        let value = (place.secrets)(&name).filter(|value| !value.is_empty());
        if value.is_none() {
            place.within("$secret", |place| {
                place.refuse(format!("Provide the secret `{name}`: it is not set, or is empty."));
            });
        }
        value.map(|value| Secret::new(name.into_owned(), value))
    }

    fn placeholder(&self) -> Secret {
        Secret::new("", "")
    }

    fn write(&self, _: &Secret) -> Option<String> {
        None
    }

    fn missing(&self) -> Option<fn(&Place<'_>) -> String> {
        Some(|place| format!("Add a reference to {}: {}.", place.what, reference(place)))
    }
}
