//! Where a database is.

use std::ffi::OsString;
use std::path::PathBuf;

use rawdash_libsql::Server;

/// The place of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// An SQLite file.
    File(PathBuf),
    /// A libSQL server, by its URL.
    Server(String),
}

impl From<OsString> for Place {
    fn from(text: OsString) -> Place {
        match text.to_str() {
            Some(url) if Server::is_named_by(url) => Place::Server(url.to_owned()),
            _ => Place::File(text.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_url_is_taken_for_a_server() {
        for url in ["libsql://db.example", "https://db.example", "http://127.0.0.1:8080"] {
            assert_eq!(Place::from(OsString::from(url)), Place::Server(url.to_owned()));
        }
        for file in ["rawdash.db", "a/http:/x", "libsql", "file:rawdash.db"] {
            assert_eq!(Place::from(OsString::from(file)), Place::File(file.into()));
        }
    }
}
