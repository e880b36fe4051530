//! One process per database and connector at a time.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The locks of this process, by file. The system's locks exclude other processes;
/// these exclude a second holder in this process.
static HELD: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Held while a connector's part of a database is open.
///
/// Two syncs of one connector would each store a checkpoint that contradicts the
/// other's. The operating system releases the lock when the process ends, however
/// it ends. The file itself stays: removing it while another process waits for it
/// would let two processes in.
///
/// A record lock, not `flock`: between fork and exec, a child of this process
/// would hold a `flock` too, and a second sync in this process would be refused
/// for no reason.
#[derive(Debug)]
pub(super) struct ConnectorLock {
    file: PathBuf,
    /// Closing any handle of the file releases a record lock, so nothing here opens
    /// the file while it is held. `None` only while this is dropped.
    open: Option<File>,
}

impl Drop for ConnectorLock {
    fn drop(&mut self) {
        let mut held = held();
        // Closed before another holder can lock it: closing later would release
        // their lock.
        self.open = None;
        held.remove(&self.file);
    }
}

fn held() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why the lock was not acquired.
#[derive(Debug)]
pub(super) enum LockError {
    /// Another process holds it.
    Held,
    /// The lock's file cannot be created or locked.
    Io(PathBuf, io::Error),
}

impl ConnectorLock {
    /// Acquires the lock of `connector` in the database at `path`, without waiting.
    /// `path` must be canonical: with two names for one file, two processes would
    /// each acquire a lock.
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
             second process syncs it too. It may be removed when none is running."
        )
        .map_err(io)?;
        held.insert(lock_path.clone());
        Ok(ConnectorLock { file: lock_path, open: Some(file) })
    }
}

/// False if another process holds the lock.
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

/// `<database>.<connector>.lock`. Bytes of the name other than lower-case letters,
/// digits, `-` and `_` are written in hexadecimal. That includes upper-case
/// letters, because two connectors must not share a lock on a file system that
/// ignores case.
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
