//! A configuration, read member by member. Errors are collected, so that a person
//! sees all of them at once.
//!
//! ```
//! use bare_contract::configuration::Members;
//! use bare_contract::contract::{ConfigureError, Secret};
//!
//! let secrets = [Secret { name: "KEY".into(), value: "k3y".into() }];
//! let text = r#"{ "host": "api.example", "key": { "$secret": "KEY" } }"#;
//! let mut members = Members::read(text, &secrets)?;
//! assert_eq!(members.text("host"), "api.example");
//! assert_eq!(members.secret("key"), "k3y");
//! members.end()?;
//!
//! let mut members = Members::read(r#"{ "hots": "api.example" }"#, &secrets)?;
//! let (_host, _key) = (members.text("host"), members.secret("key"));
//! let Err(ConfigureError::Configuration(issues)) = members.end() else { panic!() };
//! let paths: Vec<_> = issues.iter().map(|issue| issue.path.as_str()).collect();
//! assert_eq!(paths, ["/host", "/key", "/hots"]);
//! # Ok::<(), ConfigureError>(())
//! ```

use serde_json::{Map, Value};

use crate::contract::{ConfigureError, Issue, Secret};

/// The members of a configuration that have not been read yet.
pub struct Members<'a> {
    members: Map<String, Value>,
    secrets: &'a [Secret],
    issues: Vec<Issue>,
}

impl<'a> Members<'a> {
    /// Reads the text and the secrets that `configure` receives; fails at once if the
    /// text is not a JSON object.
    pub fn read(text: &str, secrets: &'a [Secret]) -> Result<Members<'a>, ConfigureError> {
        let members = serde_json::from_str(text).map_err(|error| {
            let message = format!("make the configuration one JSON object: {error}");
            ConfigureError::Configuration(vec![Issue { path: String::new(), message }])
        })?;
        Ok(Members { members, secrets, issues: Vec::new() })
    }

    /// A required string. If it is invalid, this returns an empty one, and
    /// [`end`](Self::end) reports it.
    pub fn text(&mut self, name: &str) -> String {
        match self.members.remove(name) {
            Some(Value::String(text)) if !text.is_empty() => text,
            _ => self.wrong(name, "set it to a string that is not empty"),
        }
    }

    /// The value of a required secret, written as `{"$secret": "NAME"}`.
    pub fn secret(&mut self, name: &str) -> String {
        let reference = self.members.remove(name).unwrap_or_default();
        let named = match reference.as_object() {
            Some(members) if members.len() == 1 => members.get("$secret").and_then(Value::as_str),
            _ => None,
        };
        let Some(named) = named else {
            return self
                .wrong(name, "name a secret as {\"$secret\": \"NAME\"}, with no other member");
        };
        match self.secrets.iter().find(|secret| secret.name == named) {
            Some(secret) => secret.value.clone(),
            None => self.wrong(name, &format!("set the secret {named}: it has no value")),
        }
    }

    /// Ends with every issue, each with the JSON Pointer of its member. A member that
    /// was not read is an issue too.
    pub fn end(mut self) -> Result<(), ConfigureError> {
        for name in std::mem::take(&mut self.members).keys() {
            self.wrong(name, "rename or remove it: there is no such member");
        }
        if self.issues.is_empty() {
            return Ok(());
        }
        Err(ConfigureError::Configuration(self.issues))
    }

    fn wrong(&mut self, name: &str, message: &str) -> String {
        let path = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        self.issues.push(Issue { path, message: message.to_owned() });
        String::new()
    }
}
