//! The virtual object as a real engine calls it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use auth0_tenant::{ACCESS_TOKEN_MARK, CLIENT_SECRET_MARK, Endpoint, Fault, Rule};
use rusqlite::Connection;
use scale_test::balancer::{self, Slot};
use scale_test::engine::{Calls, Engine};
use scale_test::programs;
use scale_test::reference;
use scale_test::rows;
use scale_test::source::{self, Size, Source};
use scale_test::trial::{Pace, start};
use scale_test::workers::Workers;
use serde_json::{Value, json};
use tempfile::TempDir;

const TENANT: &str = "tenant-0";
/// How often the state is looked at.
const TICK: Duration = Duration::from_millis(20);

/// Much longer than anything takes here.
const PATIENCE: Duration = Duration::from_mins(5);

/// An engine, workers and one tenant, which store in files.
struct Service {
    source: Source,
    workers: Workers,
    calls: Calls,
    _engine: Engine,
    // The last, because the others write into it.
    directory: TempDir,
}

impl Service {
    /// `None`, with a word, where there is no engine.
    async fn start(workers: usize, size: Size, slice: &'static str) -> Option<Service> {
        let program = match programs::engine() {
            Ok(program) => program,
            Err(message) => {
                crate::left_out(&message);
                return None;
            }
        };
        let directory = TempDir::new().unwrap();
        let own = |name: &str| {
            std::fs::create_dir(directory.path().join(name)).unwrap();
            directory.path().join(name)
        };
        let source = Source::start(1, size).await.unwrap();
        let tenants = own("tenants");
        source.write_configurations(&tenants).unwrap();
        let place = own("store").join("{tenant}.sqlite");
        let slots: Arc<[Slot]> = (0..workers).map(|_| Slot::default()).collect();
        let worker = PathBuf::from(env!("CARGO_BIN_EXE_scale-test"));
        let pace = Pace { slice, concurrency: 100 };
        let start = start(worker, &source, &tenants, &place.display().to_string(), pace);
        let mut workers = Workers::start(start, slots.clone()).unwrap();
        workers.serving().await.unwrap();
        let mut engine = Engine::start(&program, &own("engine")).unwrap();
        engine.register(balancer::start(slots).await.unwrap()).await.unwrap();
        Some(Service { source, workers, calls: engine.calls(), _engine: engine, directory })
    }

    async fn status(&self) -> Value {
        self.calls.call(TENANT, "status", None).await.unwrap()
    }

    /// Returns the status once it is as expected.
    async fn until(&self, expected: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let status = self.status().await;
            if expected(&status) {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "{status}");
            tokio::time::sleep(TICK).await;
        }
    }

    async fn requested(&self, requests: u64) {
        let begun = Instant::now();
        while self.source.received().requests < requests {
            assert!(begun.elapsed() < PATIENCE, "{:?}", self.source.received());
            tokio::time::sleep(TICK).await;
        }
    }

    /// The queries of the pages of the log that were requested.
    fn log_pages(&self) -> Vec<Vec<(String, String)>> {
        let (_, tenant) = self.source.tenants().next().unwrap();
        let requests = tenant.requests().into_iter();
        let pages = requests.filter(|request| request.endpoint == Endpoint::Logs);
        pages.map(|request| request.query).collect()
    }

    fn database(&self) -> PathBuf {
        self.directory.path().join("store").join(format!("{TENANT}.sqlite"))
    }

    fn stored(&self, sql: &str) -> String {
        let connection = Connection::open(self.database()).unwrap();
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

/// About 45 requests.
const LARGE: Size = Size { logs: 4000, latency: Duration::from_millis(100) };
const SMALL: Size = Size { logs: 200, latency: Duration::ZERO };

fn kind(outcome: &Value) -> Option<&str> {
    outcome.pointer("/end/kind")?.as_str()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_sync_ends_after_its_slice_and_the_next_one_resumes_it() {
    let Some(service) = Service::start(1, LARGE, "1s").await else { return };
    let (_, tenant) = service.source.tenants().next().unwrap();
    // So that it cannot end before it is cancelled, however late that is.
    let limit = Fault::TooManyRequests { retry_after: Some(3600), reset_in: None };
    tenant.state().fault(Rule::any(limit).nth(30).always());
    service.calls.call(TENANT, "sync/send", None).await.unwrap();
    service.requested(10).await;
    let status = service.status().await;
    assert!(status["under_way"]["activity"].is_string(), "{status}");
    assert_eq!(service.calls.call(TENANT, "cancel", None).await.unwrap(), json!(true));
    let status = service.until(|status| status["under_way"].is_null()).await;
    assert_eq!(kind(&status["last"]), Some("cancelled"), "{status}");
    assert_eq!(service.calls.call(TENANT, "cancel", None).await.unwrap(), json!(false));
    tenant.state().clear_faults();
    let before = service.log_pages();
    let outcome = service.calls.sync(TENANT, "again").await.unwrap();
    assert_eq!(kind(&outcome), Some("done"), "{outcome}");
    // The first page was stored long before; the last ones may be read again.
    let again = service.log_pages().split_off(before.len());
    assert!(!again.contains(&before[0]), "it began anew: {before:?}, then {again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_names_its_resources_is_synced_in_several_slices() {
    let Some(service) = Service::start(1, LARGE, "1s").await else { return };
    let (_, tenant) = service.source.tenants().next().unwrap();
    let mut configuration = source::configuration(TENANT, tenant);
    configuration["resources"] = json!(["users", "login_events"]);
    let path = service.directory.path().join("tenants").join(format!("{TENANT}.json"));
    std::fs::write(path, configuration.to_string()).unwrap();
    let outcome = service.calls.sync(TENANT, "one").await.unwrap();
    assert_eq!(kind(&outcome), Some("done"), "{outcome}");
    assert!(outcome["slices"].as_u64() > Some(1), "{outcome}");
    assert_eq!(outcome["resources"].as_object().unwrap().len(), 2, "{outcome}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_syncs_by_itself_until_it_is_ended_or_replaced() {
    let Some(service) = Service::start(1, SMALL, "1m").await else { return };
    let schedule =
        |every: &str| service.calls.call(TENANT, "schedule", Some(json!({"every": every})));
    assert!(schedule("often").await.unwrap_err().to_string().contains("is not a span"));
    schedule("1s").await.unwrap();
    let first = service.until(|status| kind(&status["last"]) == Some("done")).await;
    let ended = |status: &Value| status["last"]["ended_at"].as_i64();
    let next = |status: &Value| status["schedule"]["next_at"].as_i64();
    let later = |status: &Value| ended(status) > ended(&first) && next(status) > next(&first);
    service.until(later).await;
    schedule("1h").await.unwrap();
    let replaced = service.until(|status| status["under_way"].is_null()).await;
    assert_eq!(replaced["schedule"]["every_ms"], json!(3_600_000), "{replaced}");
    service.calls.call(TENANT, "unschedule", None).await.unwrap();
    assert_eq!(service.status().await["schedule"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_asked_to_end_leaves_its_sync_to_another_between_two_steps() {
    let Some(mut service) = Service::start(1, LARGE, "1m").await else { return };
    let (asked, at_request) = tokio::sync::oneshot::channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let (_, tenant) = service.source.tenants().next().unwrap();
    // Unanswered until the worker is asked to end: it could be done before that.
    tenant.state().at_request(10, move |_| {
        asked.send(()).unwrap();
        let _ = tokio::task::block_in_place(|| released.recv_timeout(PATIENCE));
    });
    let calls = service.calls.clone();
    let sync = tokio::spawn(async move { calls.sync(TENANT, "one").await });
    at_request.await.unwrap();
    // It is asked before this first waits, and ends only once it is answered.
    let replaced = service.workers.replace(0);
    let (status, ()) = tokio::join!(biased; replaced, async move { drop(release) });
    let status = status.unwrap();
    assert!(status.success(), "{status}");
    let outcome = sync.await.unwrap().unwrap();
    assert_eq!(kind(&outcome), Some("done"), "{outcome}");
    // That of the first worker is recorded; after a kill it would be repeated.
    assert!(outcome["slices"].as_u64() > Some(1), "{outcome}");
    let whole = reference::sync(&service.source).await.unwrap();
    let stored = reference::read(&service.database()).unwrap();
    assert_eq!(rows::differ(&whole[0], &stored), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_holds_neither_secrets_nor_rows_nor_the_checkpoint() {
    let Some(service) = Service::start(1, SMALL, "1m").await else { return };
    let outcome = service.calls.sync(TENANT, "one").await.unwrap();
    assert_eq!(kind(&outcome), Some("done"), "{outcome}");
    let journal = service.calls.query("SELECT raw FROM sys_journal").await.unwrap();
    let state = service.calls.query("SELECT value_utf8 FROM state").await.unwrap();
    let entries = journal["rows"].as_array().unwrap().iter().filter_map(|row| row["raw"].as_str());
    let mut kept: String = entries.map(decoded).collect();
    kept.push_str(&state.to_string());
    assert!(kept.contains("auth0_user"), "not the journal: {kept}");
    let user = service.stored("SELECT id FROM entities WHERE type = 'auth0_user'");
    let checkpoint = service.stored("SELECT checkpoint FROM host_checkpoints");
    for part in [CLIENT_SECRET_MARK, ACCESS_TOKEN_MARK, &user, &checkpoint[..20]] {
        assert!(!kept.contains(part), "{part} in {kept}");
    }
    assert!(kept.len() < 10_000, "{} bytes", kept.len());
}

/// The text in hexadecimal digits.
fn decoded(digits: &str) -> String {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    let bytes: Vec<u8> = digits.as_bytes().chunks(2).map(byte).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}
