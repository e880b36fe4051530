//! What is wrong with a configuration.

/// One error of a configuration: its location and a fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// JSON Pointer into the configuration.
    pub path: String,
    /// A sentence that says what to do.
    pub message: String,
}

/// A member's name as a part of a JSON Pointer.
pub(super) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
