//! Where the secrets of thousands of tenants are: more than an environment holds.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use rawdash_host_cli::input::secrets::{Process, SecretSource};

/// The environment, as for `rawdash-host sync`, and a directory with a file for each
/// secret that the environment lacks.
#[derive(Clone, Debug)]
pub(crate) struct SecretFiles(pub(crate) Option<PathBuf>);

impl SecretSource for SecretFiles {
    fn variable(&self, name: &str) -> Option<OsString> {
        let set = Process.variable(name);
        set.or_else(|| self.file_of(name.strip_suffix("_FILE")?).map(OsString::from))
    }

    fn file(&self, path: &Path) -> io::Result<Vec<u8>> {
        Process.file(path)
    }
}

impl SecretFiles {
    /// The file of a secret. A name that leads out of the directory has none.
    fn file_of(&self, name: &str) -> Option<PathBuf> {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
        let path = self.0.as_ref()?.join(name);
        (name.chars().all(plain) && path.is_file()).then_some(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rawdash_host_cli::input::configuration::Configuration;

    #[test]
    fn a_secret_that_the_environment_lacks_is_the_file_of_its_name_and_no_other() {
        let directory = tempfile::tempdir().unwrap();
        let own = directory.path().join("own");
        std::fs::create_dir(&own).unwrap();
        std::fs::write(own.join("ACME_SECRET"), "sesame\n").unwrap();
        std::fs::write(directory.path().join("OTHER"), "other").unwrap();
        let value = |name: &str, directory: Option<PathBuf>| {
            let text = format!(r#"{{"clientSecret": {{"$secret": "{name}"}}}}"#);
            let configuration = Configuration::parse(text.as_bytes()).unwrap();
            let secrets = configuration.secrets(&SecretFiles(directory));
            secrets.map(|secrets| secrets.values[0].value.clone()).ok()
        };
        assert_eq!(value("ACME_SECRET", Some(own.clone())), Some("sesame".to_owned()));
        for name in ["../OTHER", "OTHER", ""] {
            assert_eq!(value(name, Some(own.clone())), None, "{name}");
        }
        assert_eq!(value("ACME_SECRET", None), None);
    }
}
