//! One process per database and connector at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Held for as long as a connector's part of a database is open.
///
/// Two runs of one connector would each store a checkpoint that denies what
/// the other did. The operating system drops the lock with the process,
/// however that ends; the file itself stays, because removing it while another
/// process waits for it would let two in.
#[derive(Debug)]
pub(super) struct ConnectorLock {
    _file: File,
}

/// Why the lock was not given.
#[derive(Debug)]
pub(super) enum LockError {
    /// Another process holds it.
    Held,
    /// The lock's file cannot be made or locked.
    Io(PathBuf, io::Error),
}

impl ConnectorLock {
    /// Takes the lock of `connector` in the database at `path`, or says at once
    /// that another has it. `path` must be the file's canonical one: by two
    /// names for one file two processes would come in.
    pub(super) fn take(path: &Path, connector: &str) -> Result<ConnectorLock, LockError> {
        let lock_path = lock_path(path, connector);
        let io = |error| LockError::Io(lock_path.clone(), error);
        let mut file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&lock_path)
            .map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::Held),
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        file.set_len(0).map_err(io)?;
        writeln!(
            file,
            "rawdash-host locks this file while it syncs the connector {connector:?}, so that no \
             second process does the same. It may be removed when none runs."
        )
        .map_err(io)?;
        Ok(ConnectorLock { _file: file })
    }
}

/// `<database>.<connector>.lock`. What is no lower-case letter, digit, `-` or
/// `_` in the name is written in hexadecimal, upper case too: file systems that
/// ignore case must not make one lock of two connectors.
fn lock_path(path: &Path, connector: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".");
    for byte in connector.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => {
                name.push(char::from(byte).to_string());
            }
            _ => name.push(format!("%{byte:02x}")),
        }
    }
    name.push(".lock");
    path.with_file_name(name)
}
