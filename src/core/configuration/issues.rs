//! What is wrong with a configuration.

use super::fields;

/// One error of a configuration: its location and a fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// JSON Pointer into the configuration.
    pub path: String,
    /// One sentence.
    pub message: String,
}

/// The errors found so far, while the fields are read one by one.
#[derive(Default)]
pub(super) struct Issues(pub(super) Vec<Issue>);

impl Issues {
    /// Adds an issue at a JSON Pointer.
    pub(super) fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.0.push(Issue { path: path.into(), message: message.into() });
    }

    /// Adds an issue for a field that does not exist.
    pub(super) fn unknown(&mut self, name: &str) {
        let path = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        let nearest = fields::NAMES
            .iter()
            .map(|field| {
                (
                    strsim::osa_distance(&name.to_ascii_lowercase(), &field.to_ascii_lowercase()),
                    field,
                )
            })
            .min()
            .filter(|(distance, field)| *distance <= field.len() / 2);
        match nearest {
            Some((_, field)) => {
                self.add(
                    path,
                    format!(
                        "Rename or remove it: this field does not exist; did you mean `{field}`?"
                    ),
                );
            }
            None => self.add(
                path,
                format!(
                    "Remove it: this field does not exist; the fields are {}.",
                    fields::NAMES.join(", ")
                ),
            ),
        }
    }
}
