//! `new`: writes the crate of a connector, which builds and passes its tests and
//! `verify` as it is.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::arguments::NewArguments;
use crate::early_end::EarlyEnd;
use crate::output::terminal;
use crate::{ended_early, exit_after};
use rawdash_host::failure::Exit;

/// Where the SDK is, for those who have no checkout of it.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// The files, each with its template.
const FILES: [(&str, &str); 9] = [
    ("Cargo.toml", include_str!("../../templates/connector/Cargo.toml.template")),
    (".cargo/config.toml", include_str!("../../templates/connector/cargo-config.toml.template")),
    (".gitignore", include_str!("../../templates/connector/gitignore.template")),
    ("README.md", include_str!("../../templates/connector/README.md.template")),
    ("connector.json", include_str!("../../templates/connector/connector.json.template")),
    ("src/lib.rs", include_str!("../../templates/connector/lib.rs.template")),
    ("tests/sync.rs", include_str!("../../templates/connector/sync.rs.template")),
    ("tests/source/mod.rs", include_str!("../../templates/connector/source.rs.template")),
    ("examples/source.rs", include_str!("../../templates/connector/example.rs.template")),
];

/// The name of a connector: its id in rawdash, and the name of its crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConnectorName(String);

impl FromStr for ConnectorName {
    type Err = String;

    fn from_str(text: &str) -> Result<ConnectorName, String> {
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let words = text.split('-').all(|word| !word.is_empty());
        let begins = text.bytes().next().is_some_and(|first| first.is_ascii_lowercase());
        if words && begins && text.bytes().all(legal) && text.len() <= 64 {
            Ok(ConnectorName(text.to_owned()))
        } else {
            Err("write a name of lower-case letters and digits, such as `my-service`".to_owned())
        }
    }
}

impl ConnectorName {
    /// `my-service` as the name of a crate in Rust: `my_service`.
    fn crate_name(&self) -> String {
        self.0.replace('-', "_")
    }

    /// The same, word by word with a capital letter.
    fn words(&self, between: &str) -> String {
        let capital = |word: &str| {
            let mut letters = word.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        };
        self.0.split('-').map(capital).collect::<Vec<_>>().join(between)
    }
}

/// Runs the command.
pub(crate) fn run(arguments: &NewArguments) -> Exit {
    match create(arguments) {
        Ok(()) => {
            let path = arguments.path.display();
            let next = format!("{path}: `cargo test` there, then follow its README.md");
            exit_after(terminal::show(&next), Exit::Done)
        }
        Err(message) => ended_early(&EarlyEnd::Usage(message)),
    }
}

fn create(NewArguments { name, path, sdk }: &NewArguments) -> Result<(), String> {
    let absolute = |sdk: &PathBuf| {
        fs::canonicalize(sdk).map_err(|error| {
            let sdk = sdk.display();
            format!("{sdk} cannot be used ({error}): name a checkout of this project with --sdk")
        })
    };
    let sdk = sdk.as_ref().map(absolute).transpose()?;
    write(name, path, sdk.as_deref()).map_err(|(file, error)| {
        let file = file.display();
        format!(
            "{file} cannot be written ({error}): name a directory with --path that may be written \
             and has no such file"
        )
    })
}

/// Writes the files into a directory that has none of them.
fn write(
    name: &ConnectorName,
    directory: &Path,
    sdk: Option<&Path>,
) -> Result<(), (PathBuf, io::Error)> {
    for (file, text) in files(name, sdk) {
        let path = directory.join(file);
        let written = (|| {
            fs::create_dir_all(path.parent().unwrap_or(directory))?;
            // Never over a file that somebody wrote.
            OpenOptions::new().write(true).create_new(true).open(&path)?.write_all(text.as_bytes())
        })();
        written.map_err(|error| (path, error))?;
    }
    Ok(())
}

/// Path and text of each file.
fn files(name: &ConnectorName, sdk: Option<&Path>) -> Vec<(&'static str, String)> {
    let dependency = |directory: &str| match sdk {
        Some(sdk) => format!("path = {:?}", sdk.join(directory).display().to_string()),
        None => format!("git = {REPOSITORY:?}, tag = \"v{}\"", env!("CARGO_PKG_VERSION")),
    };
    let values = [
        ("{{name}}", name.0.clone()),
        ("{{crate}}", name.crate_name()),
        ("{{type}}", name.words("")),
        ("{{title}}", name.words(" ")),
        ("{{sdk}}", dependency("src/sdk")),
        ("{{script_server}}", dependency("host-test/script-server")),
    ];
    let fill = |template: &str| {
        values.iter().fold(template.to_owned(), |text, (placeholder, value)| {
            text.replace(placeholder, value)
        })
    };
    FILES.iter().map(|(path, template)| (*path, fill(template))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_placeholder_is_left() {
        let name = "my-service".parse().unwrap();
        for (path, text) in files(&name, None) {
            assert!(!text.contains("{{"), "{path}: {text}");
        }
    }

    #[test]
    fn a_name_that_rust_or_rawdash_would_refuse_is_refused() {
        for bad in ["", "-a", "a-", "a--b", "A", "1a", "a_b", "a b", "../a"] {
            assert!(bad.parse::<ConnectorName>().is_err(), "{bad}");
        }
        let name: ConnectorName = "my-service2".parse().unwrap();
        assert_eq!(
            (name.crate_name(), name.words("")),
            ("my_service2".into(), "MyService2".into())
        );
    }

    #[test]
    fn a_file_that_is_there_stays_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("README.md"), "mine").unwrap();
        let (path, error) = write(&"a".parse().unwrap(), directory.path(), None).unwrap_err();
        assert!(path.ends_with("README.md"));
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(path).unwrap(), "mine");
    }
}
