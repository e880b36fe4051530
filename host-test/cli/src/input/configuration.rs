//! The configuration file, and the secrets that it names.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::early_end::EarlyEnd;
use crate::input::secrets::{SecretSource, Secrets};

/// A connector's configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// The text of the file, for the component.
    pub text: String,
    /// The parsed text, for the host.
    pub value: Value,
}

impl Configuration {
    /// Reads the file.
    ///
    /// # Errors
    /// When it cannot be read, or is not JSON.
    pub fn read(path: &Path) -> Result<Configuration, EarlyEnd> {
        let bytes = std::fs::read(path).map_err(|error| {
            EarlyEnd::configuration(format!(
                "the configuration {} cannot be read ({error}): name the file that holds the \
                 connector's `config`",
                path.display()
            ))
        })?;
        Self::parse(&bytes).map_err(|problem| {
            EarlyEnd::configuration(format!("the configuration {} {problem}", path.display()))
        })
    }

    /// The configuration in the bytes of a file, or what is wrong with them. Windows'
    /// editors begin a file with a byte order mark.
    ///
    /// # Errors
    /// One clause: why they are no configuration.
    pub fn parse(bytes: &[u8]) -> Result<Configuration, String> {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| "is not UTF-8: save the file as UTF-8 text".to_owned())?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim().is_empty() {
            return Err("is empty: write the connector's `config` into it, as JSON".to_owned());
        }
        let value =
            serde_json::from_str(text).map_err(|error| format!("is not valid JSON: {error}"))?;
        Ok(Configuration { text: text.to_owned(), value })
    }

    /// The secrets that the configuration names as `{"$secret": "NAME"}`, each once.
    ///
    /// # Errors
    /// One line for each secret without a value.
    pub fn secrets(&self, source: &impl SecretSource) -> Result<Secrets, EarlyEnd> {
        let mut named = Vec::new();
        collect(&self.value, "", &mut named);
        let mut seen = BTreeSet::new();
        let mut secrets = Secrets::default();
        let mut problems = Vec::new();
        for (path, name) in named {
            if seen.insert(name) {
                problems.extend(secrets.add(name, &path, source).err());
            }
        }
        if problems.is_empty() {
            Ok(secrets)
        } else {
            Err(EarlyEnd::configuration(problems.join("\n")))
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
    use std::ffi::OsString;
    use std::io;

    use super::*;
    use rawdash_host::failure::Exit;
    use serde_json::json;

    fn configuration(value: Value) -> Configuration {
        let text = value.to_string();
        Configuration { text, value }
    }

    /// An environment without files.
    struct Environment(fn(&str) -> Option<String>);

    impl SecretSource for Environment {
        fn variable(&self, name: &str) -> Option<OsString> {
            (self.0)(name).map(OsString::from)
        }

        fn file(&self, _: &Path) -> io::Result<Vec<u8>> {
            Err(io::ErrorKind::NotFound.into())
        }
    }

    #[test]
    fn only_secrets_that_are_named_are_read_from_the_environment() {
        let configuration = configuration(json!({
            "clientSecret": {"$secret": "ONE"},
            "deep": [{"$secret": "TWO"}, {"$secret": "ONE"}, {"$secret": "THREE", "more": 1}],
            "plain": "FOUR",
        }));
        let environment = Environment(|name| Some(format!("value of {name}")));
        let secrets = configuration.secrets(&environment).unwrap().values;
        let names: Vec<_> = secrets.iter().map(|secret| &secret.name).collect();
        assert_eq!(names, ["ONE", "TWO"]);
        assert_eq!(secrets[0].value, "value of ONE");
    }

    #[test]
    fn every_missing_secret_is_named_with_its_location() {
        let configuration = configuration(json!({
            "a/b": {"$secret": "ONE"}, "c": {"$secret": "TWO"}, "d": {"$secret": "SET"},
        }));
        let environment = Environment(|name| match name {
            "SET" => Some("value".to_owned()),
            "TWO" => Some(String::new()),
            _ => None,
        });
        let stop = configuration.secrets(&environment).map(|_| ()).unwrap_err();
        let said = stop.to_string();
        assert!(said.contains("ONE, which the configuration names at /a~1b"), "{said}");
        assert!(said.contains("TWO, which the configuration names at /c"), "{said}");
        assert!(!said.contains("SET"), "{said}");
        assert_eq!(stop.exit(), Exit::Configuration);
    }

    #[test]
    fn a_byte_order_mark_is_no_error_and_another_encoding_is_named() {
        let marked = Configuration::parse(b"\xef\xbb\xbf{}").unwrap();
        assert_eq!((marked.text.as_str(), marked.value), ("{}", json!({})));
        for (bytes, said) in [
            (b"\xff\xfe{\0}\0".as_slice(), "is not UTF-8"),
            (b"{\"domain\": \"m\xfcnchen\"}", "is not UTF-8"),
            (b"\xef\xbb\xbf\n", "is empty"),
            (b"{", "is not valid JSON: EOF"),
        ] {
            let problem = Configuration::parse(bytes).unwrap_err();
            assert!(problem.contains(said), "{problem}");
        }
    }
}
