//! Where the programs of others are.

use std::ffi::OsString;
use std::path::PathBuf;

/// The programs that a trial needs.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The engine, `restate-server`.
    pub engine: PathBuf,
    /// The libSQL server, `sqld`.
    pub store: PathBuf,
}

impl Programs {
    /// The programs that the environment names, or else those in the search path.
    ///
    /// # Errors
    /// Which one is missing, and what to run.
    pub fn find() -> Result<Programs, String> {
        Ok(Programs { engine: engine()?, store: find("RAWDASH_SQLD", "sqld", ".ci/sqld")? })
    }
}

/// The engine, where the environment names it, or else in the search path.
///
/// # Errors
/// When it is missing, and what to run.
pub fn engine() -> Result<PathBuf, String> {
    find("RAWDASH_RESTATE", "restate-server", ".ci/restate")
}

fn find(variable: &str, name: &str, install: &str) -> Result<PathBuf, String> {
    let named = std::env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
    named.or_else(|| in_path(name, std::env::var_os("PATH")?)).ok_or_else(|| {
        format!("there is no {name}: run `export {variable}=$({install})`, which installs it")
    })
}

fn in_path(name: &str, path: OsString) -> Option<PathBuf> {
    std::env::split_paths(&path).map(|directory| directory.join(name)).find(|file| file.is_file())
}
