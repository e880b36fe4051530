//! What may happen to the database in the middle of a run: locked, not to be
//! written, gone. The run says so, and when it is resumed it stores the same rows.
// Windows neither removes an open file nor has these rights.
#![cfg(unix)]

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::support::auth0::Auth0;
use crate::support::history::{History, Phase, carry, difference};
use crate::support::left_out;
use crate::support::tapped::Tapped;
use auth0_tenant::Options;
use rawdash_host::report::Report;
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::task::block_in_place;

/// A run into a database to which something happens after a write, counted
/// from 1; 0 is before the first.
async fn troubled(
    auth0: &mut Auth0,
    phase: Phase,
    place: usize,
    trouble: impl Fn() + Sync,
) -> (Report, usize) {
    let mut database = auth0.database();
    database.set_patience(Duration::ZERO).unwrap();
    if place == 0 {
        trouble();
    }
    let mut storage = Tapped::new(database);
    storage.after = Box::new(|writes| {
        if writes == place {
            trouble();
        }
    });
    auth0.options.request.mode = phase.mode();
    let report = auth0.sync_into(&mut storage).await;
    (report, storage.writes)
}

/// Lets it happen after every write of both runs in turn. Where more was to be
/// written, the run ends with the exit status and says what was the matter;
/// resumed, it stores everything.
async fn at_every_write(status: u8, named: &str, trouble: impl Fn(&Path) + Sync, over: impl Fn()) {
    let history = History::without_faults().await;
    for phase in Phase::BOTH {
        for place in 0.. {
            let mut auth0 = history.before(phase).await;
            let path = auth0.path();
            let (report, writes) = troubled(&mut auth0, phase, place, || trouble(&path)).await;
            over();
            let last = report.exit().code() == 0;
            if last {
                // How many pages a write holds depends on what came together.
                assert!(place > 6 && writes <= place, "{place} of {writes} in {phase:?}");
            } else {
                assert_eq!(report.exit().code(), status, "{place} of {phase:?}: {report:#?}");
                let message = &report.failure.as_ref().unwrap().message;
                assert!(message.contains(named), "{message}");
            }
            carry(&mut auth0, phase).await.unwrap();
            let wanted = history.contents(phase);
            assert_eq!(difference(wanted, &auth0.contents()), None, "{place} of {phase:?}");
            if last {
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_another_holds_locked_at_any_write_costs_no_row() {
    let other = std::sync::Mutex::new(None);
    let lock = |path: &Path| {
        let connection = Connection::open(path).unwrap();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        *other.lock().unwrap() = Some(connection);
    };
    at_every_write(75, "is locked by another process", lock, || drop(other.lock().unwrap().take()))
        .await;
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_removed_at_any_write_is_reported_and_filled_again() {
    let remove = |path: &Path| {
        for ending in ["", "-wal", "-shm"] {
            // There is no WAL before the first write.
            let _ = std::fs::remove_file(beside(path, ending));
        }
        assert!(!path.exists());
    };
    at_every_write(74, "was removed or replaced", remove, || ()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_replaced_at_any_write_is_reported_and_brought_up_to_date() {
    // Put back from a copy, with another's WAL gone.
    let replace = |path: &Path| {
        let copy = beside(path, "-copy");
        std::fs::copy(path, &copy).unwrap();
        for ending in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(beside(path, ending));
        }
        std::fs::rename(&copy, path).unwrap();
    };
    at_every_write(74, "was removed or replaced", replace, || ()).await;
}

/// A user who may not do everything, as root may: the tests may run as root.
struct Somebody {
    program: PathBuf,
    cache: TempDir,
}

const NOBODY: u32 = 65_534;

/// The rights of the file and of its directory.
const MODES: [(u32, u32); 3] = [(0o444, 0o755), (0o644, 0o555), (0o444, 0o555)];

impl Somebody {
    fn new() -> Somebody {
        let cache = TempDir::new().unwrap();
        let program = PathBuf::from(env!("CARGO_BIN_EXE_rawdash-host"));
        if !is_root() {
            return Somebody { program, cache };
        }
        // Nobody may not be let to where it was built. A process of its own
        // copies it: while this one had it open for writing, any process that
        // another test starts would have it too, and it could not be run.
        let copy = cache.path().join("rawdash-host");
        assert!(Command::new("cp").args([&program, &copy]).status().unwrap().success());
        give_away(cache.path());
        Somebody { program: copy, cache }
    }

    /// The command, given by this user.
    fn command(&self, auth0: &Auth0, phase: Phase) -> Command {
        let mut command = Command::new(&self.program);
        auth0.operate(&mut command, phase.mode());
        command.env("XDG_CACHE_HOME", self.cache.path());
        if is_root() {
            give_away(auth0.path().parent().unwrap());
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn give_away(directory: &Path) {
    chown(directory, Some(NOBODY), Some(NOBODY)).unwrap();
    for entry in std::fs::read_dir(directory).unwrap() {
        chown(entry.unwrap().path(), Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

fn permit(path: &Path, mode: u32) {
    set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_database_that_may_not_be_written_at_any_point_costs_no_row_and_is_reported() {
    let history = History::without_faults().await;
    let somebody = Somebody::new();
    for phase in Phase::BOTH {
        for place in 1.. {
            let mut auth0 = history.before(phase).await;
            let path = auth0.path();
            let directory = path.parent().unwrap();
            let mut storage = Tapped::new(auth0.database());
            storage.broken_from = Some(place);
            auth0.options.request.mode = phase.mode();
            let last = auth0.sync_into(&mut storage).await.exit().code() == 0;
            drop(storage);
            let before = auth0.contents();
            // Each in its turn: the file, its directory, both.
            let (file, of_directory) = MODES[place % MODES.len()];
            let mut command = somebody.command(&auth0, phase);
            permit(&path, file);
            permit(directory, of_directory);
            let status = block_in_place(|| command.status().unwrap());
            permit(directory, 0o755);
            permit(&path, 0o644);
            let said = auth0.said();
            assert_eq!(status.code(), Some(74), "{said}");
            assert!(said.contains("writable") || said.contains("write permission"), "{said}");
            assert!(auth0.contents() == before, "{place} of {phase:?}");
            carry(&mut auth0, phase).await.unwrap();
            let wanted = history.contents(phase);
            assert_eq!(difference(wanted, &auth0.contents()), None, "{place} of {phase:?}");
            if last {
                assert!(place > 6);
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_file_of_another_user_is_named_with_its_owner_and_the_remedy() {
    if !is_root() {
        left_out("a test with a lock file of another user; it needs to run as root");
        return;
    }
    let auth0 = Auth0::new(Options { users: 20, logs: 20, ..Options::default() }).await;
    let somebody = Somebody::new();
    let mut command = somebody.command(&auth0, Phase::Full);
    let lock = beside(&auth0.path(), ".auth0.lock");
    std::fs::write(&lock, "").unwrap();
    let status = block_in_place(|| command.status().unwrap());
    let said = auth0.said();
    assert_eq!(status.code(), Some(74), "{said}");
    for telling in ["belongs to user 0", "remove the file while no rawdash-host is running"] {
        assert!(said.contains(telling), "{telling}: {said}");
    }
    assert!(auth0.tenant.requests().is_empty());
    std::fs::remove_file(&lock).unwrap();
    let status = block_in_place(|| command.status().unwrap());
    assert_eq!(status.code(), Some(0), "{}", auth0.said());
}
