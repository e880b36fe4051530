//! One process per database and connector at a time.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The locks of this process, by file. The system's keep other processes out;
/// this keeps a second holder in this one out.
static HELD: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Held for as long as a connector's part of a database is open.
///
/// Two runs of one connector would each store a checkpoint that denies what
/// the other did. The operating system drops the lock with the process,
/// however that ends; the file itself stays, because removing it while another
/// process waits for it would let two in.
///
/// A record lock, not `flock`: a program that this process is starting would
/// hold the latter too, until it is replaced by its own code, and a second sync
/// in this process would be refused for no reason.
#[derive(Debug)]
pub(super) struct ConnectorLock {
    file: PathBuf,
    /// Closing any handle of the file drops a record lock, so that nothing here
    /// opens it while it is held. `None` only while this is dropped.
    open: Option<File>,
}

impl Drop for ConnectorLock {
    fn drop(&mut self) {
        let mut held = held();
        // Closed before another can take it: closing later would unlock theirs.
        self.open = None;
        held.remove(&self.file);
    }
}

fn held() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
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
        let mut held = held();
        if held.contains(&lock_path) {
            return Err(LockError::Held);
        }
        let io = |error| LockError::Io(lock_path.clone(), error);
        let mut file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&lock_path)
            .map_err(io)?;
        if !try_lock(&file).map_err(io)? {
            return Err(LockError::Held);
        }
        file.set_len(0).map_err(io)?;
        writeln!(
            file,
            "rawdash-host locks this file while it syncs the connector {connector:?}, so that no \
             second process does the same. It may be removed when none runs."
        )
        .map_err(io)?;
        held.insert(lock_path.clone());
        Ok(ConnectorLock { file: lock_path, open: Some(file) })
    }
}

/// False where another process holds the lock.
#[cfg(unix)]
fn try_lock(file: &File) -> io::Result<bool> {
    use rustix::fs::{FlockOperation, fcntl_lock};
    use rustix::io::Errno;

    match fcntl_lock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(Errno::AGAIN | Errno::ACCESS) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
fn try_lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(std::fs::TryLockError::WouldBlock) => Ok(false),
        Err(std::fs::TryLockError::Error(error)) => Err(error),
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
