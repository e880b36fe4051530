//! Writing text for people and programs.

use std::io::{self, Write};

use serde::Serialize;

use rawdash_host::failure::{FailureReport, HostKind};

/// The text with control characters replaced, except line ends: text from a source
/// or a component must not move a cursor or rename a window.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' => '\n',
            character if character.is_control() => '\u{FFFD}',
            character => character,
        })
        .collect()
}

/// Writes a line to standard error, at once, and ignores a closed one.
pub(crate) fn tell(text: &str) {
    let line = printable(text) + "\n";
    let _ = io::stderr().lock().write_all(line.as_bytes());
}

/// Writes text to standard output.
///
/// # Errors
/// When it cannot be written completely: the result would be missing in silence.
pub(crate) fn show(text: &str) -> Result<(), FailureReport> {
    let mut output = io::stdout().lock();
    writeln!(output, "{text}").and_then(|()| output.flush()).map_err(|error| unwritten(&error))
}

/// Writes a value to standard output, as JSON in one line.
///
/// # Errors
/// Those of [`show`].
pub(crate) fn show_json(value: &impl Serialize) -> Result<(), FailureReport> {
    show(&serde_json::to_string(value).map_err(|error| unwritten(&error.into()))?)
}

/// Standard output failed.
pub(crate) fn unwritten(error: &io::Error) -> FailureReport {
    let message = format!(
        "standard output cannot be written ({error}), so the result is missing or cut off there: \
         make room, or redirect it elsewhere"
    );
    FailureReport::new(HostKind::Output, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_cannot_steer_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\r\nc\u{9b}"), "a\u{FFFD}[2Jb\u{FFFD}\nc\u{FFFD}");
    }
}
