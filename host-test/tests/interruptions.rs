//! What may happen to the database and to the process: a run that it ends goes
//! on later, and stores the same.
// What is asked of the system here, Windows does not know.
#![cfg(unix)]

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use crate::support::PATIENCE;
use crate::support::auth0::{Auth0, Contents, connector};
use crate::support::history::{History, Phase, carry, difference};
use crate::support::tapped::Tapped;
use rawdash_host::clock::{SharedClock, SystemClock};
use rawdash_host::contract::{Mode, Secret};
use rawdash_host::report::Report;
use rawdash_host::run::{Selection, Settings, Sync, SyncOptions};
use rawdash_host::stop::StopSignal;
use rawdash_sqlite::Database;
use rustix::process::{Resource, Rlimit, Signal, getpid, getrlimit, kill_process, setrlimit};
use serde_json::{Value, json};
use tokio::task::block_in_place;

/// Moments behind each request at which a process is killed.
const MOMENTS: u64 = 4;

/// A run of which a commit, counted from 1, is refused, and all behind it.
async fn broken(auth0: &mut Auth0, phase: Phase, from: usize) -> Report {
    let mut storage = Tapped::new(auth0.database());
    storage.broken_from = Some(from);
    auth0.options.request.mode = phase.mode();
    auth0.sync_into(&mut storage).await
}

async fn carried(auth0: &mut Auth0, phase: Phase, wanted: &Contents) {
    carry(auth0, phase).await.unwrap();
    assert_eq!(difference(wanted, &auth0.contents()), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn storage_that_fails_at_any_commit_costs_no_row() {
    let history = History::without_faults().await;
    for phase in Phase::BOTH {
        let mut places = 0;
        for from in 1.. {
            let mut auth0 = history.before(phase).await;
            if broken(&mut auth0, phase, from).await.exit().code() == 0 {
                break;
            }
            places += 1;
            carried(&mut auth0, phase, history.contents(phase)).await;
        }
        assert!(places > 6, "{places} commits in {phase:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn storage_that_fails_again_and_again_costs_no_row() {
    let history = History::without_faults().await;
    for phase in Phase::BOTH {
        let mut auth0 = history.before(phase).await;
        for _ in 0..20 {
            assert_eq!(broken(&mut auth0, phase, 6).await.exit().code(), 74, "{phase:?}");
        }
        carried(&mut auth0, phase, history.contents(phase)).await;
    }
}

/// What happens to a process at one of its writes.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// It is killed when the step has come, and is not stored.
    KilledBefore,
    /// It is killed when the step is stored.
    KilledAfter,
    /// From here on no file may grow, as on a disk that is full.
    Full,
}

impl Fate {
    fn named(name: &str) -> Fate {
        let all = [Fate::KilledBefore, Fate::KilledAfter, Fate::Full];
        all.into_iter().find(|fate| format!("{fate:?}") == name).unwrap()
    }

    fn befall(self, database: &Path) {
        match self {
            Fate::KilledBefore | Fate::KilledAfter => {
                kill_process(getpid(), Signal::KILL).unwrap();
            }
            Fate::Full => {
                let sizes = ["", "-wal"].map(|ending| {
                    let file = database.with_extension(format!("sqlite{ending}"));
                    std::fs::metadata(file).map_or(0, |metadata| metadata.len())
                });
                let room = Some(sizes[0].max(sizes[1]));
                let limit = getrlimit(Resource::Fsize);
                setrlimit(Resource::Fsize, Rlimit { current: room, ..limit }).unwrap();
            }
        }
    }
}

const FATE: &str = "RAWDASH_TEST_FATE";
/// What it says when it came to its end with fewer writes.
const SPARED: &str = "spared";

/// A process that syncs as the command does, and meets its fate at a write.
fn fated(auth0: &Auth0, phase: Phase, fate: Fate, write: usize) -> Command {
    let mut command = Command::new("sh");
    // Writing beyond the limit is an error then, not the end.
    command.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]);
    command.arg(std::env::current_exe().unwrap());
    command.args([
        "--ignored",
        "--exact",
        "interruptions::the_process_that_meets_its_fate",
        "--nocapture",
    ]);
    auth0.surround(&mut command);
    let what = json!({
        "configuration": auth0.settings.configuration,
        "route": format!("https://{{/domain}}={}", auth0.tenant.url()),
        "database": auth0.path(),
        "full": phase == Phase::Full,
        "fate": format!("{fate:?}"),
        "write": write,
    });
    command.env(FATE, what.to_string());
    command
}

// The tests of this module start it, hundreds of times:
//
//     cargo test -p rawdash-host-cli --test suite interruptions::
//
// By itself it has no fate, and ends at once:
//
//     cargo test -p rawdash-host-cli --test suite -- --ignored meets_its_fate
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it is a process of the other tests here: `cargo test -p rawdash-host-cli --test suite interruptions::`"]
async fn the_process_that_meets_its_fate() {
    // Started by anybody else it has none.
    let Ok(what) = std::env::var(FATE) else { return };
    let what: Value = serde_json::from_str(&what).unwrap();
    let text = |name: &str| what[name].as_str().unwrap().to_owned();
    let value = std::env::var("SECRET").unwrap();
    let settings = Settings {
        configuration: text("configuration"),
        secrets: vec![Secret { name: "SECRET".to_owned(), value }],
        routes: vec![text("route").parse().unwrap()],
        ..Settings::default()
    };
    let mode = if what["full"] == true { Mode::Full } else { Mode::Latest };
    let request = Selection::all(mode);
    let options = SyncOptions { request, max_wait: Duration::from_secs(60), budget: None };
    let path = PathBuf::from(text("database"));
    let (fate, write) = (Fate::named(&text("fate")), what["write"].as_u64().unwrap());
    let at = |number: usize| {
        if number as u64 == write {
            fate.befall(&path);
        }
    };
    let mut storage = Tapped::new(Database::open(&path, "auth0").unwrap());
    match fate {
        Fate::KilledBefore | Fate::Full => storage.before = Box::new(at),
        Fate::KilledAfter => storage.after = Box::new(at),
    }
    let about = connector().describe().await.unwrap();
    let clock: SharedClock = Arc::new(SystemClock::new());
    let sync = Sync {
        connector: &connector(),
        about: &about,
        settings: &settings,
        options: &options,
        clock: &clock,
        stop: &StopSignal::new(),
    };
    let report = sync.run(&mut storage, &mut ()).await;
    eprintln!("{report:?}");
    if (storage.writes as u64) < write && report.done {
        eprintln!("{SPARED}");
    }
    std::process::exit(i32::from(report.exit().code()));
}

/// Lets a process meet its fate at every write of both runs in turn; each is
/// resumed and stores the same rows.
async fn at_every_write(fate: Fate, mut ended: impl FnMut(ExitStatus) -> bool) {
    let history = History::without_faults().await;
    for phase in Phase::BOTH {
        for write in 1.. {
            let mut auth0 = history.before(phase).await;
            let mut command = fated(&auth0, phase, fate, write);
            let status = block_in_place(|| command.status().unwrap());
            let said = auth0.said();
            let last = said.contains(SPARED);
            let fine = if last { status.success() } else { ended(status) };
            assert!(fine, "{status} at {write} of {phase:?}: {said}");
            carried(&mut auth0, phase, history.contents(phase)).await;
            if last {
                assert!(write > 6, "{write} writes in {phase:?}");
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_process_that_is_killed_before_any_step_is_stored_costs_no_row() {
    at_every_write(Fate::KilledBefore, |status| status.signal() == Some(9)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_process_that_is_killed_behind_any_step_costs_no_row() {
    at_every_write(Fate::KilledAfter, |status| status.signal() == Some(9)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_disk_that_is_full_at_any_step_costs_no_row() {
    let mut met = 0;
    // What is left to write may fit in what the files have already.
    let ended = |status: ExitStatus| {
        met += u32::from(status.code() == Some(74));
        matches!(status.code(), Some(0 | 74))
    };
    at_every_write(Fate::Full, ended).await;
    assert!(met > 5, "the disk was full {met} times");
}

/// When a process is killed that has sent its nth request.
#[derive(Clone, Copy)]
enum Moment {
    /// While it waits for the answer.
    Unanswered,
    /// So long behind the request: how far it has come by then, the machine
    /// decides.
    After(Duration),
}

/// What became of a command that was to be killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Killed {
    BeforeItsEnd,
    /// It ended between its request and the kill.
    TooLate,
    /// It sent fewer requests, and ended.
    Never,
}

/// Kills the command at a moment.
fn kill(auth0: &Auth0, phase: Phase, nth: u64, moment: Moment) -> Killed {
    let (asked, at_request) = mpsc::channel();
    let (killed, held) = mpsc::channel::<()>();
    auth0.tenant.state().at_request(nth, move |_| {
        // Nobody waits for it where the command has ended before: a later one sends it.
        let _ = asked.send(());
        if matches!(moment, Moment::Unanswered) {
            // In place: a worker that just stood still would keep other requests.
            let _ = block_in_place(|| held.recv_timeout(PATIENCE));
        }
    });
    let mut child = auth0.command(phase.mode()).spawn().unwrap();
    let begun = Instant::now();
    loop {
        // Looked at first: what it sent before its end was received by then.
        let ended = child.try_wait().unwrap();
        if at_request.recv_timeout(Duration::from_millis(20)).is_ok() {
            break;
        }
        if let Some(status) = ended {
            assert!(status.success(), "{status}: {}", auth0.said());
            return Killed::Never;
        }
        assert!(begun.elapsed() < PATIENCE, "the command hangs");
    }
    if let Moment::After(span) = moment {
        std::thread::sleep(span);
    }
    child.kill().unwrap();
    let status = child.wait().unwrap();
    drop(killed);
    if status.success() { Killed::TooLate } else { Killed::BeforeItsEnd }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_process_that_is_killed_at_any_moment_costs_no_row() {
    let history = History::without_faults().await;
    for phase in Phase::BOTH {
        // Until a command ends before its nth request: the order in which answers
        // arrive decides how many it sends.
        for nth in 1.. {
            let mut ends = Vec::new();
            for seed in 0..MOMENTS {
                let mut auth0 = history.before(phase).await;
                // From at once to behind some commits, and the same each time.
                let span = Duration::from_micros((nth * MOMENTS + seed) * 7_919 % 9_000);
                let moment = if seed == 0 { Moment::Unanswered } else { Moment::After(span) };
                let end = block_in_place(|| kill(&auth0, phase, nth, moment));
                let late = seed == 0 && end == Killed::TooLate;
                assert!(!late, "the command ended without its answer {nth}");
                carried(&mut auth0, phase, history.contents(phase)).await;
                ends.push(end);
            }
            if ends.contains(&Killed::Never) {
                assert!(nth > 12, "{nth} requests in {phase:?}");
                break;
            }
        }
    }
}

/// The command in a process whose files must not grow beyond so many blocks of
/// 512 bytes; writing further is an error, as on a disk that is full.
fn confined(command: &Command, blocks: u64) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"", "sh"]);
    shell.arg(blocks.to_string()).arg(command.get_program()).args(command.get_args());
    let envs = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
    shell.envs(envs);
    shell.stdin(Stdio::null());
    shell
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_disk_that_is_full_costs_no_row_and_is_reported() {
    let history = History::without_faults().await;
    let mut met = 0;
    for phase in Phase::BOTH {
        for blocks in (100..1_000).step_by(60) {
            let mut auth0 = history.before(phase).await;
            let mut command = confined(&auth0.command(phase.mode()), blocks);
            let output = block_in_place(|| command.output().unwrap());
            let said = String::from_utf8(output.stderr).unwrap();
            match output.status.code() {
                Some(0) => {}
                Some(74) => {
                    met += 1;
                    assert!(said.contains("disk") || said.contains("room"), "{said}");
                }
                other => panic!("{other:?} with {blocks} blocks: {said}"),
            }
            carried(&mut auth0, phase, history.contents(phase)).await;
        }
    }
    assert!(met > 5, "the disk was full {met} times");
}
