//! The place of a value that is read: where it stands, what it is, and where its
//! issues go.

use super::Secrets;
use super::issue::Issue;

/// What is said about a field, and the issues that reading it adds.
pub struct Place<'p> {
    pub(super) pointer: String,
    /// What the value is, as a phrase: `the tenant's own domain`.
    pub(super) what: &'p str,
    pub(super) example: Option<&'p str>,
    pub(super) secrets: Secrets<'p>,
    pub(super) issues: &'p mut Vec<Issue>,
}

impl Place<'_> {
    /// Adds an issue here.
    pub(super) fn refuse(&mut self, message: impl Into<String>) {
        self.issues.push(Issue { path: self.pointer.clone(), message: message.into() });
    }

    /// The same, for a part of the value.
    pub(super) fn within<T>(&mut self, part: &str, read: impl FnOnce(&mut Place<'_>) -> T) -> T {
        read(&mut Place {
            pointer: format!("{}/{part}", self.pointer),
            what: self.what,
            example: self.example,
            secrets: self.secrets,
            issues: self.issues,
        })
    }

    /// `, such as X`, or nothing.
    pub(super) fn such_as(&self) -> String {
        self.example.map_or_else(String::new, |example| format!(", such as `{example}`"))
    }
}
