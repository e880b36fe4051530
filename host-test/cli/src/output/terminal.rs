//! Text for a person, who may sit at a terminal.

use std::io::Write;

/// The text without control characters but line ends. What a source or a
/// component says must not move a cursor or rename a window.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' => '\n',
            character if character.is_control() => '\u{FFFD}',
            character => character,
        })
        .collect()
}

/// Writes a line to standard error. A reader that has gone is no reason to
/// stop.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", printable(text));
}

/// Writes text to standard output.
pub(crate) fn show(text: &str) {
    let mut output = std::io::stdout().lock();
    let _ = writeln!(output, "{text}");
    let _ = output.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_cannot_steer_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\r\nc\u{9b}"), "a\u{FFFD}[2Jb\u{FFFD}\nc\u{FFFD}");
    }
}
