//! One process per database and connector at a time.

use std::collections::BTreeSet;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::problem::{OpenError, without_locks};

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
    /// The file system has no locks.
    Unsupported(io::Error),
    /// The lock's file is there, and this user may not write it.
    Forbidden {
        /// The lock's file.
        file: PathBuf,
        /// The user whose file it is, where the system has a number for that.
        owner: Option<u32>,
    },
    /// The lock's file cannot be created or locked.
    Io(PathBuf, io::Error),
}

impl LockError {
    /// Why the lock's file cannot be opened.
    fn opening(file: PathBuf, error: io::Error) -> LockError {
        match std::fs::symlink_metadata(&file) {
            Ok(found) if error.kind() == io::ErrorKind::PermissionDenied => {
                LockError::Forbidden { file, owner: owner(&found) }
            }
            _ => LockError::Io(file, error),
        }
    }

    /// What the database's user reads.
    pub(super) fn explain(self, path: &Path, connector: &str) -> OpenError {
        let message = match self {
            LockError::Held => {
                return OpenError::Busy { connector: connector.to_owned(), path: path.to_owned() };
            }
            LockError::Unsupported(error) => return without_locks(path, &error).into(),
            LockError::Forbidden { file, owner } if owner.is_some() && owner == user() => format!(
                "the lock file {} may not be written: give this user, its owner, write permission",
                file.display()
            ),
            LockError::Forbidden { file, owner } => {
                let owner = owner.map_or("another user".to_owned(), |id| format!("user {id}"));
                format!(
                    "the lock file {} belongs to {owner}, and this user may not write it: sync as \
                     that user, or remove the file while no rawdash-host is running",
                    file.display()
                )
            }
            LockError::Io(file, error) => format!(
                "{} cannot be locked ({error}): check that its directory is writable",
                file.display()
            ),
        };
        OpenError::Unavailable { message }
    }
}

/// The user whose file it is.
#[cfg(unix)]
fn owner(file: &Metadata) -> Option<u32> {
    Some(std::os::unix::fs::MetadataExt::uid(file))
}

#[cfg(not(unix))]
fn owner(_: &Metadata) -> Option<u32> {
    None
}

/// The user of this process.
#[cfg(unix)]
fn user() -> Option<u32> {
    Some(rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn user() -> Option<u32> {
    None
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
            .map_err(|error| LockError::opening(lock_path.clone(), error))?;
        try_lock(&file, &lock_path)?;
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

#[cfg(unix)]
fn try_lock(file: &File, path: &Path) -> Result<(), LockError> {
    use rustix::fs::{FlockOperation, fcntl_lock};
    fcntl_lock(file, FlockOperation::NonBlockingLockExclusive).map_err(|error| refusal(error, path))
}

/// What the system's refusal of a lock means.
#[cfg(unix)]
fn refusal(error: rustix::io::Errno, path: &Path) -> LockError {
    use rustix::io::Errno;
    match error {
        Errno::AGAIN | Errno::ACCESS => LockError::Held,
        Errno::NOLCK | Errno::INVAL | Errno::OPNOTSUPP | Errno::NOSYS => {
            LockError::Unsupported(error.into())
        }
        error => LockError::Io(path.to_owned(), error.into()),
    }
}

#[cfg(not(unix))]
fn try_lock(file: &File, path: &Path) -> Result<(), LockError> {
    use std::fs::TryLockError;
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => LockError::Held,
        TryLockError::Error(error) if error.kind() == io::ErrorKind::Unsupported => {
            LockError::Unsupported(error)
        }
        TryLockError::Error(error) => LockError::Io(path.to_owned(), error),
    })
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use rustix::io::Errno;

    fn explained(error: LockError) -> String {
        error.explain(Path::new("/data/rawdash.db"), "auth0").to_string()
    }

    #[test]
    fn a_file_system_without_locks_is_not_mistaken_for_another_process() {
        let lock = Path::new("/data/rawdash.db.auth0.lock");
        assert!(matches!(refusal(Errno::AGAIN, lock), LockError::Held));
        for error in [Errno::NOLCK, Errno::INVAL, Errno::OPNOTSUPP, Errno::NOSYS] {
            let message = explained(refusal(error, lock));
            assert!(message.contains("/data/rawdash.db has no locks"), "{message}");
            assert!(message.contains("move it to a local disk"), "{message}");
        }
        assert!(explained(refusal(Errno::IO, lock)).contains("cannot be locked"));
    }

    #[test]
    fn a_lock_file_of_another_user_is_not_mistaken_for_a_directory_that_is_not_writable() {
        let directory = tempfile::TempDir::new().unwrap();
        let lock = directory.path().join("rawdash.db.auth0.lock");
        let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
        let message = explained(LockError::opening(lock.clone(), denied()));
        assert!(message.contains("check that its directory is writable"), "{message}");
        File::create(&lock).unwrap();
        let message = explained(LockError::opening(lock.clone(), denied()));
        assert!(message.contains("give this user, its owner, write permission"), "{message}");
        let message =
            explained(LockError::Forbidden { file: lock, owner: user().map(|id| id + 1) });
        assert!(message.contains(&format!("belongs to user {}", user().unwrap() + 1)), "{message}");
        assert!(message.contains("remove the file while no rawdash-host is running"), "{message}");
    }
}
