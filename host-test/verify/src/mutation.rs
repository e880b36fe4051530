//! Invalid configurations, derived from a valid one and its schema. Pure.

use serde_json::{Map, Value, json};

use super::schema::Schema;
use rawdash_host::origins::OriginPattern;

/// A member that is in no schema.
const UNKNOWN: &str = "noSuchMember/~";

/// An invalid configuration, and where it is invalid.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mutation {
    /// The configuration.
    pub(super) configuration: Value,
    /// JSON Pointers to the invalid values.
    pub(super) pointers: Vec<String>,
    /// What was changed, for people.
    pub(super) what: String,
}

/// Configurations with one error each. The schema refuses all of them.
pub(super) fn single(schema: &Schema, right: &Value) -> Vec<Mutation> {
    let mut mutations = Vec::new();
    for (name, _) in schema.properties() {
        for value in odd_values() {
            mutations.push(set(right, name, &value));
        }
        if schema.requires(name) {
            mutations.push(remove(right, name));
        }
        if secret_name(right, name).is_some() {
            let more = json!({ "$secret": secret_name(right, name), "more": 1 });
            mutations.push(set(right, name, &more));
        }
    }
    mutations.push(set(right, UNKNOWN, &json!(1)));
    mutations.retain(|mutation| !schema.accepts(&mutation.configuration));
    mutations
}

/// One configuration in which every member is invalid, and one is unknown.
pub(super) fn all_at_once(schema: &Schema, right: &Value) -> Mutation {
    let mut all = Mutation {
        configuration: right.clone(),
        pointers: Vec::new(),
        what: "every member is invalid".to_owned(),
    };
    let mut spoil = |name: &str, value: &Value| {
        if schema.accepts(&set(right, name, value).configuration) {
            return false;
        }
        all.configuration = set(&all.configuration, name, value).configuration;
        all.pointers.push(pointer(name));
        true
    };
    for (name, _) in schema.properties() {
        // A member that accepts any value stays valid.
        let _ = odd_values().iter().any(|value| spoil(name, value));
    }
    let _ = spoil(UNKNOWN, &json!(1));
    all
}

/// Texts that are not a configuration of any connector.
pub(super) fn malformed() -> Vec<String> {
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let texts = ["", "{", "null", "[]", "1", "\"text\"", "{\"a\":1}}", "\u{0}"];
    texts.into_iter().map(str::to_owned).chain([deep]).collect()
}

/// JSON Pointers to the references to secrets.
pub(super) fn secrets(configuration: &Value) -> Vec<String> {
    let members = configuration.as_object().into_iter().flat_map(Map::keys);
    members.filter(|name| secret_name(configuration, name).is_some()).map(|n| pointer(n)).collect()
}

/// The configuration of another source: with other host names at the pointers of
/// the origins.
pub(super) fn of_another_source(configuration: &Value, origins: &[String]) -> Option<Value> {
    let mut other = configuration.clone();
    let mut changed = false;
    for origin in origins {
        let Ok(pattern) = origin.parse::<OriginPattern>() else { continue };
        for (pointer, default) in pattern.defaults() {
            if let (None, Some(members), Some(name)) =
                (configuration.pointer(pointer), other.as_object_mut(), member(pointer))
            {
                members.insert(name, Value::from(default));
            }
        }
        for pointer in pattern.pointers() {
            if let Some(place) = other.pointer_mut(pointer)
                && let Some(host) = place.as_str()
            {
                let (scheme, host) = host.split_at(host.find("://").map_or(0, |at| at + 3));
                *place = Value::String(format!("{scheme}other-{host}"));
                changed = true;
            }
        }
    }
    changed.then_some(other)
}

/// The member of the whole that a pointer leads to, if it is one.
fn member(pointer: &str) -> Option<String> {
    let name = pointer.strip_prefix('/').filter(|name| !name.contains('/'))?;
    Some(name.replace("~1", "/").replace("~0", "~"))
}

fn odd_values() -> [Value; 6] {
    [json!(true), json!(-1), json!([true]), json!({ "odd": 1 }), json!(""), Value::Null]
}

fn set(configuration: &Value, name: &str, value: &Value) -> Mutation {
    let mut members = configuration.as_object().cloned().unwrap_or_default();
    members.insert(name.to_owned(), value.clone());
    Mutation {
        configuration: Value::Object(members),
        pointers: vec![pointer(name)],
        what: format!("{} is {value}", pointer(name)),
    }
}

fn remove(configuration: &Value, name: &str) -> Mutation {
    let mut members = configuration.as_object().cloned().unwrap_or_default();
    members.remove(name);
    Mutation {
        configuration: Value::Object(members),
        // An absent member has no pointer of its own: the whole lacks it.
        pointers: vec![pointer(name), String::new()],
        what: format!("{} is absent", pointer(name)),
    }
}

fn secret_name<'a>(configuration: &'a Value, name: &str) -> Option<&'a str> {
    configuration.get(name)?.get("$secret")?.as_str()
}

fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_tried_on_another_source_and_not_on_the_same() {
        let configuration = json!({ "host": "a.example", "deep": { "host": "b" } });
        let origins = ["https://{/host}".to_owned(), "https://{/deep/host}.example".to_owned()];
        let other = of_another_source(&configuration, &origins).unwrap();
        assert_eq!(other, json!({ "host": "other-a.example", "deep": { "host": "other-b" } }));
        assert_eq!(of_another_source(&configuration, &["https://c.example".to_owned()]), None);
        let origins = ["https://{/api|c.example}".to_owned()];
        let other = of_another_source(&configuration, &origins).unwrap();
        assert_eq!(other["api"], json!("other-c.example"));
    }
}
