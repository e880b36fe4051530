//! Where the tenants' configurations are.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use rawdash_host_cli::early_end::EarlyEnd;
use rawdash_host_cli::input::configuration::Configuration;

/// The longest name of a tenant.
const LONGEST: usize = 63;

/// The name of a tenant: the key of its virtual object. It becomes a part of file names
/// and addresses, so it has lower-case letters, digits, `-` and `_` only, and begins
/// with a letter or a digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TenantName(String);

impl TenantName {
    /// The name.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for TenantName {
    type Err = String;

    fn from_str(name: &str) -> Result<TenantName, String> {
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        let begins = name.starts_with(plain);
        let valid = begins && name.chars().all(|letter| plain(letter) || "-_".contains(letter));
        if valid && name.len() <= LONGEST {
            return Ok(TenantName(name.to_owned()));
        }
        Err(format!(
            "{name:?} is not the name of a tenant: use at most {LONGEST} lower-case letters, \
             digits, - and _, beginning with a letter or a digit"
        ))
    }
}

/// A directory of configurations, `NAME.json` each, read anew for every slice.
#[derive(Clone, Debug)]
pub(crate) struct Tenants {
    directory: PathBuf,
}

impl Tenants {
    /// The configurations in a directory.
    ///
    /// # Errors
    /// When there is no such directory.
    pub(crate) fn open(directory: PathBuf) -> Result<Tenants, EarlyEnd> {
        if directory.is_dir() {
            return Ok(Tenants { directory });
        }
        Err(EarlyEnd::configuration(format!(
            "{} is not a directory: create it, and write one NAME.json into it for each tenant, \
             with the connector's `config`",
            directory.display()
        )))
    }

    /// The configuration of a tenant.
    ///
    /// # Errors
    /// When there is none, or it cannot be used.
    pub(crate) fn configuration(&self, tenant: &TenantName) -> Result<Configuration, EarlyEnd> {
        Configuration::read(&self.directory.join(format!("{tenant}.json")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_leads_out_of_the_directory_is_refused() {
        for name in ["", "../acme", "a/b", "a.b", "Acme", "-a", "_a", "a b", "é", &"a".repeat(64)]
        {
            assert!(name.parse::<TenantName>().is_err(), "{name:?}");
        }
        for name in ["acme", "a", "0", "acme-eu_1", &"a".repeat(63)] {
            assert!(name.parse::<TenantName>().is_ok(), "{name:?}");
        }
    }
}
