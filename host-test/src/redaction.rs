//! Secrets kept out of what a component says: a connector that repeats a
//! source's answer, or a hostile one, must not put them in a log.

use std::borrow::Cow;

use crate::contract::Secret;

/// Shorter values would blacken half of every sentence.
const SHORTEST: usize = 6;

/// Replaces secrets by their names.
#[derive(Clone, Default)]
pub struct Redaction {
    secrets: Vec<Secret>,
}

impl Redaction {
    /// A redaction of these secrets.
    pub fn new(secrets: &[Secret]) -> Self {
        let long = |secret: &&Secret| secret.value.len() >= SHORTEST;
        Redaction { secrets: secrets.iter().filter(long).cloned().collect() }
    }

    /// The text with `[NAME]` for each secret.
    pub fn apply(&self, text: &str) -> String {
        let mut text = Cow::Borrowed(text);
        for secret in &self.secrets {
            if text.contains(&secret.value) {
                text = text.replace(&secret.value, &format!("[{}]", secret.name)).into();
            }
        }
        text.into_owned()
    }

    /// The name of a secret that the text holds.
    pub fn finds<'a>(&'a self, text: &str) -> Option<&'a str> {
        let found = self.secrets.iter().find(|secret| text.contains(&secret.value));
        found.map(|secret| secret.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_a_message_is_replaced_by_its_name() {
        let secret =
            Secret { name: "CLIENT_SECRET".to_owned(), value: "hunter2hunter2".to_owned() };
        let redaction = Redaction::new(&[secret]);
        assert_eq!(redaction.apply("no hunter2hunter2 here"), "no [CLIENT_SECRET] here");
        assert_eq!(redaction.finds("{\"a\":\"hunter2hunter2\"}"), Some("CLIENT_SECRET"));
        assert_eq!(redaction.finds("hunter3"), None);
    }
}
