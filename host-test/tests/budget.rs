//! Syncs in slices, and many syncs in one process.

use std::sync::Arc;
use std::time::Duration;

use crate::support::auth0::{Auth0, connector};
use crate::support::rows::rows;
use auth0_tenant::Options;
use rawdash_host::clock::{SharedClock, SystemClock};
use rawdash_host::contract::Mode;
use rawdash_host::failure::Exit;
use rawdash_host::report::Report;
use rawdash_host::run::{RunObserver, Selection, Sync};
use rawdash_host::stop::StopSignal;
use rawdash_host::storage::Storage;
use rawdash_sqlite::Database;
use serde_json::Value;
use tokio::task::{JoinSet, block_in_place};

/// More slices than any of these tenants needs.
const SLICES: usize = 200;

async fn tenant() -> Auth0 {
    let options =
        Options { users: 150, logs: 250, page_limit: 50, odd: false, ..Options::default() };
    Auth0::new(options).await
}

#[tokio::test(flavor = "multi_thread")]
async fn slices_store_what_one_sync_stores_and_each_of_them_stores_something() {
    let mut whole = tenant().await;
    whole.sync_well(Mode::Full).await;
    let mut sliced = tenant().await;
    sliced.options.budget = Some(Duration::ZERO);
    sliced.options.request.mode = Mode::Full;
    let mut slices = 0;
    loop {
        let report = sliced.sync().await;
        let more = report.more;
        assert_eq!(more, !report.done, "{report:#?}");
        assert_eq!(report.exit(), if more { Exit::Later } else { Exit::Done }, "{report:#?}");
        let wait = report.failure.as_ref().and_then(|failure| failure.retry_after_ms);
        sliced.pass(Duration::from_millis(wait.unwrap_or(0)));
        if !more {
            break;
        }
        // A full run that was begun is resumed; another is not wanted.
        sliced.options.request = Selection { resources: report.left(), ..Selection::default() };
        slices += 1;
        assert!(slices < SLICES, "{report:#?}");
    }
    assert!(slices > 5, "they were not cut");
    assert_eq!(rows(&sliced.path(), None), rows(&whole.path(), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_says_that_more_is_left_and_the_same_command_carries_on() {
    let auth0 = tenant().await;
    let run = |budget: &str| {
        let mut command = auth0.command(Mode::Auto);
        command.args(["--budget", budget]).stdout(std::process::Stdio::piped());
        let output = block_in_place(|| command.output().unwrap());
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), report)
    };
    let (status, report) = run("0s");
    assert_eq!(status, Some(75), "{report}");
    assert_eq!((&report["more"], &report["done"]), (&true.into(), &false.into()), "{report}");
    assert_eq!(report["failure"]["kind"], "budget");
    let (status, report) = run("1h");
    assert_eq!(status, Some(0), "{report}");
    assert_eq!(
        (&report["more"], &report["resumed"]),
        (&false.into(), &true.into()),
        "the progress of the first is lost: {report}"
    );
}

/// What compiles only if a sync may move between threads, whatever its storage and
/// its observer.
fn movable<'a>(
    sync: &'a Sync<'a>,
    storage: &'a mut dyn Storage,
    observer: &'a mut dyn RunObserver,
) -> impl Future<Output = Report> + Send + 'a {
    sync.run(storage, observer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_syncs_of_one_compiled_component_do_not_interfere() {
    let auth0 = tenant().await;
    let connector = connector();
    let about = Arc::new(connector.describe().await.unwrap());
    let directory = tempfile::tempdir().unwrap();
    let mut syncs = JoinSet::new();
    for number in 0..100 {
        let path = directory.path().join(number.to_string());
        let (connector, about) = (connector.clone(), about.clone());
        let (settings, options) = (auth0.settings.clone(), auth0.options.clone());
        syncs.spawn(async move {
            let mut storage = Database::open(&path, "auth0").unwrap();
            let clock: SharedClock = Arc::new(SystemClock::new());
            let sync = Sync {
                connector: &connector,
                about: &about,
                settings: &settings,
                options: &options,
                clock: &clock,
                stop: &StopSignal::new(),
            };
            let report = movable(&sync, &mut storage, &mut ()).await;
            assert_eq!(report.exit(), Exit::Done, "{report:#?}");
            rows(&path, None)
        });
    }
    let stored = syncs.join_all().await;
    assert_eq!(stored.len(), 100);
    assert!(!stored[0].is_empty() && stored.iter().all(|rows| *rows == stored[0]));
}
