//! The configuration file, and the secrets that it names.

use std::path::Path;

use serde_json::Value;

use crate::early_end::EarlyEnd;
use rawdash_host::contract::Secret;

/// A connector's configuration.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Configuration {
    /// The text of the file, for the component.
    pub(crate) text: String,
    /// The parsed text, for the host.
    pub(crate) value: Value,
}

impl Configuration {
    /// Reads the file.
    ///
    /// # Errors
    /// When it cannot be read, or is not JSON.
    pub(crate) fn read(path: &Path) -> Result<Configuration, EarlyEnd> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            EarlyEnd::configuration(format!(
                "the configuration {} cannot be read ({error}): name the file that holds the \
                 connector's `config`",
                path.display()
            ))
        })?;
        let value = serde_json::from_str(&text).map_err(|error| {
            EarlyEnd::configuration(format!(
                "the configuration {} is not valid JSON: {error}",
                path.display()
            ))
        })?;
        Ok(Configuration { text, value })
    }

    /// The secrets that the configuration names as `{"$secret": "NAME"}`, with their
    /// values from `lookup`; each once.
    ///
    /// # Errors
    /// One line for each secret without a value.
    pub(crate) fn secrets(
        &self,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Vec<Secret>, EarlyEnd> {
        let mut named = Vec::new();
        collect(&self.value, "", &mut named);
        let mut secrets: Vec<Secret> = Vec::new();
        let mut missing = Vec::new();
        for (path, name) in named {
            if secrets.iter().any(|secret| secret.name == name) {
                continue;
            }
            match lookup(name).filter(|value| !value.is_empty()) {
                Some(value) => secrets.push(Secret { name: name.to_owned(), value }),
                None => missing.push(format!(
                    "the environment variable {name}, which the configuration names at {path}, is \
                     not set: set it to the secret's value"
                )),
            }
        }
        if missing.is_empty() {
            Ok(secrets)
        } else {
            Err(EarlyEnd::configuration(missing.join("\n")))
        }
    }
}

fn collect<'a>(value: &'a Value, path: &str, named: &mut Vec<(String, &'a str)>) {
    match value {
        Value::Object(members) => {
            let reference = members.get("$secret").and_then(Value::as_str);
            if let (Some(name), 1) = (reference, members.len()) {
                named.push((path.to_owned(), name));
                return;
            }
            for (key, member) in members {
                let key = key.replace('~', "~0").replace('/', "~1");
                collect(member, &format!("{path}/{key}"), named);
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                collect(element, &format!("{path}/{index}"), named);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rawdash_host::failure::Exit;
    use serde_json::json;

    fn configuration(value: Value) -> Configuration {
        let text = value.to_string();
        Configuration { text, value }
    }

    #[test]
    fn only_secrets_that_are_named_are_read_from_the_environment() {
        let configuration = configuration(json!({
            "clientSecret": {"$secret": "ONE"},
            "deep": [{"$secret": "TWO"}, {"$secret": "ONE"}, {"$secret": "THREE", "more": 1}],
            "plain": "FOUR",
        }));
        let secrets = configuration.secrets(|name| Some(format!("value of {name}"))).unwrap();
        let names: Vec<_> = secrets.iter().map(|secret| &secret.name).collect();
        assert_eq!(names, ["ONE", "TWO"]);
        assert_eq!(secrets[0].value, "value of ONE");
    }

    #[test]
    fn every_missing_secret_is_named_with_its_location() {
        let configuration = configuration(json!({
            "a/b": {"$secret": "ONE"}, "c": {"$secret": "TWO"}, "d": {"$secret": "SET"},
        }));
        let lookup = |name: &str| match name {
            "SET" => Some("value".to_owned()),
            "TWO" => Some(String::new()),
            _ => None,
        };
        let stop = configuration.secrets(lookup).unwrap_err();
        let said = stop.to_string();
        assert!(said.contains("ONE, which the configuration names at /a~1b"), "{said}");
        assert!(said.contains("TWO, which the configuration names at /c"), "{said}");
        assert!(!said.contains("SET"), "{said}");
        assert_eq!(stop.exit(), Exit::Configuration);
    }
}
