//! The secrets that a configuration names, from the environment or from files.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use rawdash_host::contract::Secret;
use rawdash_host::failure::{FailureKind, FailureReport, SourceKind};

/// What is appended to the name of a secret, for the variable that holds the path
/// of its file.
const FILE: &str = "_FILE";

/// Where values are looked up.
pub trait SecretSource {
    /// The value of an environment variable.
    fn variable(&self, name: &str) -> Option<OsString>;

    /// The content of a file.
    fn file(&self, path: &Path) -> io::Result<Vec<u8>>;
}

/// The environment of this process, and the files of this machine.
pub struct Process;

impl SecretSource for Process {
    fn variable(&self, name: &str) -> Option<OsString> {
        std::env::var_os(name)
    }

    fn file(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }
}

/// The secrets of a configuration.
#[derive(Default)]
pub struct Secrets {
    /// Each once, with its value.
    pub values: Vec<Secret>,
    /// What looks wrong with them.
    pub hints: SecretHints,
}

/// What looks wrong with secrets, without their values. It may be part of the
/// secret, so it matters only if the source refuses the credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretHints(Vec<String>);

impl SecretHints {
    /// Adds them to a failure that they may explain.
    pub fn explain(&self, failure: &mut FailureReport) {
        let refused = failure.kind == FailureKind::Source(SourceKind::Authentication);
        if refused && !self.0.is_empty() {
            let message = failure.message.trim_end_matches('.');
            failure.message = format!("{message}. Hint: {}", self.0.join("; "));
        }
    }
}

impl Secrets {
    /// Adds the secret of a name, which the configuration has at `at`.
    ///
    /// # Errors
    /// Which variable or file has no value that can be used, and what to do.
    pub fn add(&mut self, name: &str, at: &str, source: &impl SecretSource) -> Result<(), String> {
        let Found { place, text } = find(name, at, source)?;
        let value = without_line_end(&text);
        if value.is_empty() {
            return Err(format!("{place} is empty: write the secret's value into it"));
        }
        self.hints.0.extend(likely_mistake(value).map(|what| format!("{place} {what}")));
        self.values.push(Secret { name: name.to_owned(), value: value.to_owned() });
        Ok(())
    }
}

/// The secret of a name that the program itself knows, if it is set.
///
/// # Errors
/// Which file has no value that can be used, and what to do.
pub fn optional(name: &str, source: &impl SecretSource) -> Result<Option<String>, String> {
    let is_set = |name: &str| source.variable(name).is_some_and(|value| !value.is_empty());
    if !is_set(name) && !is_set(&format!("{name}{FILE}")) {
        return Ok(None);
    }
    let mut secrets = Secrets::default();
    secrets.add(name, "", source)?;
    Ok(secrets.values.pop().map(|secret| secret.value))
}

/// A value, and the words for where it was.
struct Found {
    place: String,
    text: String,
}

fn find(name: &str, at: &str, source: &impl SecretSource) -> Result<Found, String> {
    let set = |name: &str| source.variable(name).filter(|value| !value.is_empty());
    if let Some(value) = set(name) {
        let place = format!("the environment variable {name}");
        return match value.into_string() {
            Ok(text) => Ok(Found { place, text }),
            Err(_) => Err(not_utf8(&place)),
        };
    }
    let file_name = format!("{name}{FILE}");
    let Some(path) = set(&file_name) else {
        return Err(format!(
            "the environment variable {name}, which the configuration names at {at}, is not set: \
             set it to the secret's value, or {file_name} to the path of a file that holds it"
        ));
    };
    let path = Path::new(&path);
    let place = format!("the file {}, which {file_name} names,", path.display());
    let bytes = source.file(path).map_err(|error| {
        format!("{place} cannot be read ({error}): set {file_name} to a file that holds the secret")
    })?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Found { place, text }),
        Err(_) => Err(not_utf8(&place)),
    }
}

fn not_utf8(place: &str) -> String {
    format!("{place} is not UTF-8: write the secret as UTF-8 text")
}

/// Without the one line end that editors and `echo` add.
fn without_line_end(text: &str) -> &str {
    let line = text.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    line.unwrap_or(text)
}

/// What surrounds a value and is seldom meant, and what to do.
fn likely_mistake(value: &str) -> Option<&'static str> {
    let within =
        |quote: char| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
    if value.starts_with('\u{feff}') {
        Some("begins with a byte order mark: save it without one")
    } else if value.trim() != value {
        Some("begins or ends with white space: remove it, unless it is part of the secret")
    } else if within('"') || within('\'') {
        Some("is in quotes: remove them, unless they are part of the secret")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Variables, and files by path.
    struct Fake(Vec<(&'static str, &'static str)>, Vec<(&'static str, &'static [u8])>);

    impl SecretSource for Fake {
        fn variable(&self, name: &str) -> Option<OsString> {
            self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).into())
        }

        fn file(&self, path: &Path) -> io::Result<Vec<u8>> {
            let file = self.1.iter().find(|(known, _)| Path::new(known) == path);
            file.map(|(_, bytes)| bytes.to_vec()).ok_or(io::ErrorKind::NotFound.into())
        }
    }

    fn secrets(source: &Fake) -> Result<Secrets, String> {
        let mut secrets = Secrets::default();
        secrets.add("S", "/clientSecret", source).map(|()| secrets)
    }

    fn value(source: &Fake) -> String {
        secrets(source).map(|secrets| secrets.values[0].value.clone()).unwrap()
    }

    #[test]
    fn exactly_one_line_end_is_no_part_of_a_secret() {
        for (written, meant) in [
            ("s", "s"),
            ("s\n", "s"),
            ("s\r\n", "s"),
            ("s\n\n", "s\n"),
            ("s\r", "s\r"),
            (" s \n", " s "),
        ] {
            assert_eq!(value(&Fake(vec![("S", written)], vec![])), meant, "{written:?}");
            let file = Fake(vec![("S_FILE", "/s")], vec![("/s", written.as_bytes())]);
            assert_eq!(value(&file), meant, "{written:?}");
        }
    }

    #[test]
    fn the_variable_has_precedence_over_the_file_and_an_empty_one_has_not() {
        let files = || vec![("/s", b"file".as_slice())];
        assert_eq!(value(&Fake(vec![("S", "own"), ("S_FILE", "/s")], files())), "own");
        assert_eq!(value(&Fake(vec![("S", ""), ("S_FILE", "/s")], files())), "file");
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named_with_its_variable_and_what_to_do() {
        for (file, said) in [
            (None, "cannot be read (entity not found): set S_FILE"),
            (Some(b"\xff".as_slice()), "is not UTF-8: write"),
            (Some(b"\n"), "is empty: write"),
        ] {
            let files = file.map(|bytes| ("/s", bytes)).into_iter().collect();
            let error = secrets(&Fake(vec![("S_FILE", "/s")], files)).map(|_| ()).unwrap_err();
            assert_eq!(error.find("the file /s, which S_FILE names, "), Some(0), "{error}");
            assert!(error.contains(said), "{error}");
        }
        let error = secrets(&Fake(vec![], vec![])).map(|_| ()).unwrap_err();
        assert!(error.contains("S, which the configuration names at /clientSecret"), "{error}");
        assert!(error.contains("or S_FILE to"), "{error}");
    }

    #[test]
    fn a_hint_says_what_surrounds_a_secret_only_when_the_credentials_are_refused() {
        for (value, said) in [
            (" sesame", "white space"),
            ("sesame\t", "white space"),
            ("sesame\n\n", "white space"),
            ("\"sesame\"", "quotes"),
            ("'sesame'\n", "quotes"),
            ("\u{feff}sesame", "byte order mark"),
        ] {
            let hints = secrets(&Fake(vec![("S", value)], vec![])).unwrap().hints;
            let mut failure = FailureReport::new(SourceKind::Authentication, "Refused.");
            hints.explain(&mut failure);
            let expected = "Refused. Hint: the environment variable S ";
            assert!(failure.message.starts_with(expected), "{}", failure.message);
            assert!(failure.message.contains(said), "{}", failure.message);
            assert!(!failure.message.contains("sesame"), "{}", failure.message);
            let other = FailureReport::new(SourceKind::Permission, "Refused.");
            let mut explained = other.clone();
            hints.explain(&mut explained);
            assert_eq!(explained, other);
        }
        for value in ["sesame", "ses ame", "\"sesame", "\""] {
            let hints = secrets(&Fake(vec![("S", value)], vec![])).unwrap().hints;
            assert_eq!(hints, SecretHints::default(), "{value}");
        }
    }
}
