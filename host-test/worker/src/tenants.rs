//! Where the tenants' configurations are.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use rawdash_host::failure::{FailureReport, HostKind};
use rawdash_host_cli::early_end::EarlyEnd;
use rawdash_host_cli::input::configuration::Configuration;
use rawdash_libsql::Server;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use crate::store::Access;

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

/// The query of a table.
const SELECT: &str = "SELECT config FROM rawdash_tenants WHERE name = ?1";

/// The configurations, read anew for every slice.
pub(crate) enum Tenants {
    /// A directory, with `NAME.json` for each tenant.
    Directory(PathBuf),
    /// The table `rawdash_tenants` of a file, with `name` and `config`.
    File(PathBuf),
    /// The same table of a server.
    Server(Server),
}

impl Tenants {
    /// The configurations at a place: a directory, a file, or the address of a server.
    ///
    /// # Errors
    /// When there is no such place.
    pub(crate) fn open(place: String, access: &Access) -> Result<Tenants, EarlyEnd> {
        if Server::is_named_by(&place) {
            return Ok(Tenants::Server(access.server(&place)?));
        }
        let path = PathBuf::from(place);
        if path.is_dir() {
            return Ok(Tenants::Directory(path));
        }
        if path.is_file() {
            return Ok(Tenants::File(path));
        }
        Err(EarlyEnd::configuration(format!(
            "{} is neither a directory nor a database: create the directory, and write one \
             NAME.json into it for each tenant, with the connector's `config`",
            path.display()
        )))
    }

    /// The configuration of a tenant.
    ///
    /// # Errors
    /// When there is none, or it cannot be used.
    pub(crate) async fn configuration(
        &self,
        tenant: &TenantName,
    ) -> Result<Configuration, EarlyEnd> {
        let text = match self {
            Tenants::Directory(directory) => {
                return Configuration::read(&directory.join(format!("{tenant}.json")));
            }
            Tenants::File(path) => of_file(path, tenant).map_err(|error| {
                let message = format!("the table rawdash_tenants of {} ", path.display());
                FailureReport::new(HostKind::Storage, format!("{message}cannot be read: {error}"))
            })?,
            Tenants::Server(server) => server.text(SELECT, tenant.as_str()).await?,
        };
        let of = format!("the configuration of {tenant} in the table rawdash_tenants");
        let text = text.ok_or_else(|| {
            EarlyEnd::configuration(format!("{of} is missing: insert a row with its `config`"))
        })?;
        Configuration::parse(text.as_bytes())
            .map_err(|problem| EarlyEnd::configuration(format!("{of} {problem}")))
    }
}

fn of_file(path: &Path, tenant: &TenantName) -> rusqlite::Result<Option<String>> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.query_row(SELECT, [tenant.as_str()], |row| row.get(0)).optional()
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

    #[tokio::test]
    async fn a_tenant_in_a_table_is_read_like_one_in_a_directory() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tenants.sqlite");
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE rawdash_tenants (name TEXT PRIMARY KEY, config TEXT NOT NULL);
                 INSERT INTO rawdash_tenants VALUES ('acme', '{\"domain\": \"a\"}'), ('bad', '{')",
            )
            .unwrap();
        std::fs::write(directory.path().join("acme.json"), r#"{"domain": "a"}"#).unwrap();
        let found = async |place: &Path, name: &str| {
            let tenants = Tenants::open(place.display().to_string(), &Access::none()).unwrap();
            tenants.configuration(&name.parse().unwrap()).await
        };
        let of_table = found(&path, "acme").await.unwrap();
        assert_eq!(of_table, found(directory.path(), "acme").await.unwrap());
        for (name, said) in [("bad", "is not valid JSON"), ("nobody", "insert a row")] {
            let error = found(&path, name).await.unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
            assert_eq!(error.exit().code(), 78);
        }
        drop(connection);
        Connection::open(&path).unwrap().execute_batch("DROP TABLE rawdash_tenants").unwrap();
        assert_eq!(found(&path, "acme").await.unwrap_err().exit().code(), 74);
    }
}
