//! What may happen to the database and to the process: a run that it ends goes
//! on later, and brings the same.
// clippy's leave for tests ends at the test functions; these are their hands.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rawdash_host::report::Report;
use support::auth0::{Auth0, Contents};
use support::history::{History, Phase, carry, difference};
use support::tapped::Tapped;
use tokio::sync::Mutex;

/// Held by each test. A process that is being started holds the locks of all
/// databases of this one, until its own program begins.
static ALONE: Mutex<()> = Mutex::const_new(());

/// A run of which a commit, counted from 1, is refused, and all behind it.
async fn broken(auth0: &mut Auth0, phase: Phase, from: usize) -> Report {
    let mut storage = Tapped::new(auth0.database());
    storage.broken_from = Some(from);
    auth0.asked.request.mode = phase.mode();
    auth0.sync_into(&mut storage).await
}

async fn carried(auth0: &mut Auth0, phase: Phase, wanted: &Contents) {
    carry(auth0, phase).await.unwrap();
    assert_eq!(difference(wanted, &auth0.contents()), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn storage_that_fails_at_any_commit_costs_no_row() {
    let _alone = ALONE.lock().await;
    let history = History::without_faults().await;
    for phase in Phase::BOTH {
        let mut places = 0;
        for from in 1.. {
            let mut auth0 = history.before(phase).await;
            if broken(&mut auth0, phase, from).await.outcome().exit_code() == 0 {
                break;
            }
            places += 1;
            carried(&mut auth0, phase, &history.told(phase).contents).await;
        }
        assert!(places > 6, "{places} commits in {phase:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn storage_that_fails_again_and_again_costs_no_row() {
    let _alone = ALONE.lock().await;
    let history = History::without_faults().await;
    for phase in Phase::BOTH {
        let mut auth0 = history.before(phase).await;
        let mut broken_off = 0;
        // That the run began or goes on, and a few steps: the pages of one
        // instant are read in one go, or again.
        while broken(&mut auth0, phase, 6).await.outcome().exit_code() == 74 {
            broken_off += 1;
            assert!(broken_off < 100);
        }
        assert!(broken_off > 1, "{broken_off} in {phase:?}");
        carried(&mut auth0, phase, &history.told(phase).contents).await;
    }
}

/// Kills the command a moment after the tenant was asked for the nth time;
/// tells whether it was killed before its end.
fn kill(auth0: &Auth0, phase: Phase, nth: u64, moment: Duration) -> bool {
    let (asked, at_request) = mpsc::channel();
    auth0.tenant.state().at_request(nth, move |_| asked.send(()).unwrap());
    let mut child = auth0.command(phase.mode()).spawn().unwrap();
    at_request.recv_timeout(Duration::from_secs(60)).unwrap();
    std::thread::sleep(moment);
    child.kill().unwrap();
    !child.wait().unwrap().success()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_process_that_is_killed_at_any_request_costs_no_row() {
    let _alone = ALONE.lock().await;
    let history = History::without_faults().await;
    let mut killed = 0;
    for phase in Phase::BOTH {
        let told = history.told(phase);
        for nth in 1..=told.requests(&[]) {
            let mut auth0 = history.before(phase).await;
            // From at once to behind some commits, and the same each time.
            let moment = Duration::from_micros(nth * 7_919 % 6_000);
            killed += usize::from(tokio::task::block_in_place(|| kill(&auth0, phase, nth, moment)));
            carried(&mut auth0, phase, &told.contents).await;
        }
    }
    assert!(killed > 10, "{killed} were killed before their end");
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
async fn a_disk_that_is_full_costs_no_row_and_is_told() {
    let _alone = ALONE.lock().await;
    let history = History::without_faults().await;
    let mut met = 0;
    for phase in Phase::BOTH {
        for blocks in (100..1_000).step_by(60) {
            let mut auth0 = history.before(phase).await;
            let mut command = confined(&auth0.command(phase.mode()), blocks);
            let output = tokio::task::block_in_place(|| command.output().unwrap());
            let said = String::from_utf8(output.stderr).unwrap();
            match output.status.code() {
                Some(0) => {}
                Some(74) => {
                    met += 1;
                    assert!(said.contains("disk") || said.contains("room"), "{said}");
                }
                other => panic!("{other:?} with {blocks} blocks: {said}"),
            }
            carried(&mut auth0, phase, &history.told(phase).contents).await;
        }
    }
    assert!(met > 5, "the disk was full {met} times");
}
