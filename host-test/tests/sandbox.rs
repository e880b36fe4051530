//! A component that misbehaves: the host says which limit was met, stores
//! nothing half, leaks no secret, and stays usable.

use std::path::PathBuf;
use std::time::Duration;

use crate::support::rows::rows;
use crate::support::server::{Server, response};
use crate::support::{Bench, hostile, leaks, pass_time, proxy};
use rawdash_host::contract::{
    Batch, Effect, Entity, Event, Progress, Records, Sample, Secret, Window,
};
use rawdash_host::failure::Exit;
use rawdash_host::report::Report;
use rawdash_host::transport::Proxies;
use rawdash_sqlite::Database;
use serde_json::json;
use tempfile::TempDir;

const CONNECTOR: &str = "hostile";

/// A component that misbehaves, and a database in which something stands.
struct Ground {
    bench: Bench,
    directory: TempDir,
    before: Vec<String>,
}

impl Ground {
    fn new(configuration: serde_json::Value) -> Ground {
        let mut bench = Bench::new(hostile(), configuration);
        let name = "CLIENT_SECRET".to_owned();
        bench.settings.secrets = vec![Secret { name, value: leaks::secret() }];
        let mut ground = Ground { bench, directory: TempDir::new().unwrap(), before: Vec::new() };
        ground.database().commit(&stored_before(), "0").unwrap();
        ground.before = rows(&ground.path(), None);
        assert_eq!(ground.before.len(), 3);
        ground
    }

    fn route(mut self, url: &str) -> Ground {
        self.bench = self.bench.route(url);
        self
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("rawdash.sqlite")
    }

    fn database(&self) -> Database {
        Database::open(&self.path(), CONNECTOR).unwrap()
    }

    async fn run(&mut self) -> Report {
        let mut database = self.database();
        let report = self.bench.run_into(&mut database).await;
        leaks::none_in_files(self.directory.path());
        report
    }

    /// Runs while the clock runs on, once the server has been asked.
    async fn run_while_time_passes(&mut self, server: &Server) -> Report {
        let clock = self.bench.driven.clone();
        tokio::select! {
            report = self.run() => report,
            () = pass_time(&clock, || server.connections() > 0) => unreachable!(),
        }
    }

    /// Readers see what they saw before, nothing more and nothing less, and the
    /// same process still does a good run.
    async fn stands(mut self, report: &Report) {
        assert!(!report.done);
        assert_eq!(rows(&self.path(), None), self.before, "a part of the step was stored");
        self.bench.settings.configuration = json!({ "host": "tenant.example" }).to_string();
        let good = self.run().await;
        assert_eq!(good.exit(), Exit::Done, "{good:?}");
        let mut after = rows(&self.path(), None);
        after.retain(|row| !self.before.contains(row));
        assert_eq!(after, [r#"["event","hostile","event","good",1,null,"{}"]"#]);
    }
}

/// A row of each of the component's resources.
fn stored_before() -> [Batch; 3] {
    let attributes = || "{}".to_owned();
    let id = || "before".to_owned();
    let event = Event { id: id(), start: 1, end: None, attributes: attributes() };
    let entity = Entity { id: id(), updated_at: 1, attributes: attributes() };
    let sample = Sample { at: 1, value: 1.0, attributes: attributes() };
    let batch = |resource: &str, effect, records| Batch {
        resource: resource.to_owned(),
        records,
        effect,
        progress: Progress { pages: 1, records: 1, expected: None },
        warnings: Vec::new(),
    };
    let window = Effect::ReplaceWindow(Window { start: 0, end: 2 });
    [
        batch("event", Effect::Merge, Records::Events(vec![event])),
        batch("entity", Effect::Merge, Records::Entities(vec![entity])),
        batch("metric", window, Records::Samples(vec![sample])),
    ]
}

fn ground(misdeed: &str) -> Ground {
    Ground::new(json!({ "host": "tenant.example", "misdeed": misdeed }))
}

fn request(scheme: &str, authority: &str) -> Ground {
    Ground::new(json!({
        "host": "tenant.example",
        "misdeed": "request",
        "scheme": scheme,
        "authority": authority,
    }))
}

fn told_by(report: &Report) -> String {
    report.failure.as_ref().unwrap_or_else(|| panic!("{report:#?}")).message.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_the_manifest_does_not_declare_never_leaves() {
    let server = Server::start(|_, _| response(200, &[], "{}")).await;
    for proxies in [Proxies::default(), proxy::through(&server.url)] {
        undeclared_requests_never_leave(&server, &proxies).await;
    }
}

async fn undeclared_requests_never_leave(server: &Server, proxies: &Proxies) {
    for (scheme, authority, told) in [
        ("https", "evil.example", "declares only https://tenant.example"),
        ("http", "tenant.example", "only https"),
        ("https", "tenant.example:8443", "have no port"),
        ("https", "127.0.0.1", "IP address"),
        ("https", "[::1]:443", "IP address"),
        ("https", "tenant.example@evil.example", "user name"),
    ] {
        let mut ground = request(scheme, authority).route(&server.url);
        ground.bench.settings.network.proxies = proxies.clone();
        let report = ground.run().await;
        let message = told_by(&report);
        // The component sees a clean denial, not a broken connection.
        assert!(message.contains("HttpRequestDenied"), "{authority}: {message}");
        assert!(message.contains(told), "{authority}: {message}");
        assert_eq!(ground.bench.watcher.denials.len(), 1);
        assert_eq!((report.requests, server.connections()), (0, 0), "{authority}");
        ground.stands(&report).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_leads_to_this_machine_is_not_followed() {
    let mut ground = request("https", "localhost");
    ground.bench.settings.configuration =
        ground.bench.settings.configuration.replace("tenant.example", "localhost");
    let report = ground.run().await;
    let message = told_by(&report);
    assert!(message.contains("DestinationIpProhibited"), "{message}");
    let denial = &ground.bench.watcher.denials[0];
    let advice = ["127.0.0.1", "::1"].map(|ip| format!("add --allow-private-address {ip}, or"));
    assert!(advice.iter().any(|advice| denial.contains(advice)), "{denial}");
    ground.stands(&report).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_leads_to_a_permitted_address_is_followed() {
    let mut ground = request("https", "localhost");
    ground.bench.settings.configuration =
        ground.bench.settings.configuration.replace("tenant.example", "localhost");
    ground.bench.settings.network.private_addresses =
        ["127.0.0.0/8", "::1"].map(|range| range.parse().unwrap()).to_vec();
    let report = ground.run().await;
    // Whatever answers there is not the tenant.
    let message = told_by(&report);
    assert!(!message.contains("DestinationIpProhibited"), "{message}");
    assert!(!message.contains("--allow-private-address"), "{message}");
    assert_eq!(report.requests, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_requests_at_once_meet_the_limit_and_the_rest_come() {
    let server = Server::start(|_, _| response(200, &[], "{}")).await;
    let mut ground = ground("thousand-requests").route(&server.url);
    let report = ground.run().await;
    let message = told_by(&report);
    assert!(message.contains("64 came"), "{message}");
    assert!(message.contains("64 requests were under way"), "{message}");
    assert_eq!(server.requests().len(), 64);
    assert!(server.connections() <= 64);
    ground.stands(&report).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_takes_too_much_is_stopped_at_the_limit_it_met() {
    for (misdeed, told) in [
        ("loop", "computing time of one call (200ms)"),
        ("memory", "memory (67108864 bytes)"),
        ("recursion", "call depth"),
        ("output", "output of one call (33554432 bytes)"),
        ("hoard", "handles held at once (4096)"),
        ("stage-for-ever", "records of one run (500)"),
        ("rest-for-ever", "steps in a row"),
        ("nothing-for-ever", "steps in a row"),
        ("warn-for-ever", "steps in a row"),
        ("trap", "crashed"),
    ] {
        let mut ground = ground(misdeed);
        let limits = ground.bench.settings.limits.clone();
        ground.bench.settings.limits.records = 500;
        // The others may take as long where the machine is busy.
        if misdeed == "loop" {
            ground.bench.settings.limits.computing = Duration::from_millis(200);
        }
        let report = ground.run().await;
        assert_eq!(report.exit().code(), 70, "{misdeed}: {report:?}");
        let message = told_by(&report);
        assert!(message.contains(told), "{misdeed}: {message}");
        ground.bench.settings.limits = limits;
        ground.stands(&report).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_without_deadlines_is_ended_by_the_hosts() {
    let server = Server::raw(b"", false).await;
    let mut patient = request("https", "tenant.example").route(&server.url);
    patient.bench.settings.limits.call = Duration::MAX;
    let report = patient.run_while_time_passes(&server).await;
    let message = told_by(&report);
    assert!(message.contains("ConnectionReadTimeout"), "{message}");
    patient.stands(&report).await;

    let mut endless = request("https", "tenant.example").route(&server.url);
    endless.bench.settings.limits.http.exchange = Duration::MAX;
    let report = endless.run_while_time_passes(&server).await;
    let message = told_by(&report);
    assert!(message.contains("time of one call (300s)"), "{message}");
    assert_eq!(report.exit().code(), 70);
    endless.stands(&report).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_with_larger_tables_than_it_may_have_does_not_begin() {
    let mut ground = ground("");
    let limits = ground.bench.settings.limits.clone();
    ground.bench.settings.limits.table_elements = 1;
    let report = ground.run().await;
    assert_eq!(report.exit().code(), 70);
    let message = told_by(&report);
    assert!(message.contains("table elements (1)"), "{message}");
    ground.bench.settings.limits = limits;
    ground.stands(&report).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_rests_longer_than_the_component_allows_is_ended() {
    let server = Server::raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n[", false).await;
    let mut ground = Ground::new(json!({
        "host": "tenant.example",
        "misdeed": "request",
        "scheme": "https",
        "authority": "tenant.example",
        "between-bytes": "5",
    }))
    .route(&server.url);
    // No other time ends it.
    ground.bench.settings.limits.call = Duration::MAX;
    ground.bench.settings.limits.http.exchange = Duration::MAX;
    let report = ground.run_while_time_passes(&server).await;
    let message = told_by(&report);
    assert!(message.contains("connection read timeout"), "{message}");
    ground.stands(&report).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_body_without_end_is_cut_at_its_limit() {
    let server = Server::start(|_, _| response(200, &[], "{}")).await;
    let mut ground = request("https", "tenant.example").route(&server.url);
    ground.bench.settings.limits.http.request_body = 1;
    let report = ground.run().await;
    let message = told_by(&report);
    assert!(message.contains("HttpRequestBodySize"), "{message}");
    ground.stands(&report).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_with_one_illegal_batch_is_not_stored_in_part() {
    for (misdeed, told) in [
        ("unknown-resource", "no such resource"),
        ("wrong-shape", "have another shape"),
        ("wrong-effect", "cannot replace from nodes"),
        ("no-object", "not a JSON object"),
        ("late", "not between 0"),
        ("early", "not between 0"),
        ("nan", "not finite"),
        ("begin-again", "began within a run"),
        ("origin-beyond", "allows only https://{/host}"),
        ("configured-more", "does not have"),
        ("large-checkpoint", "more than 1048576"),
        ("no-beginning", "before a run of entity had ended"),
    ] {
        let mut ground = ground(misdeed);
        let report = ground.run().await;
        assert_eq!(report.exit().code(), 70, "{misdeed}: {report:?}");
        let message = told_by(&report);
        assert!(message.contains(told), "{misdeed}: {message}");
        ground.stands(&report).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_leaves_neither_by_a_checkpoint_nor_by_a_message() {
    let mut leaking = ground("secret-in-checkpoint");
    let report = leaking.run().await;
    assert_eq!(report.exit().code(), 70);
    assert_eq!(leaking.database().checkpoint().unwrap().as_deref(), Some("0"));
    leaking.stands(&report).await;

    let mut telling = ground("secret-in-failure");
    let report = telling.run().await;
    assert!(told_by(&report).contains("[CLIENT_SECRET]"));
    telling.stands(&report).await;

    let mut asking = request("https", &format!("{}.evil.example", leaks::secret()));
    let report = asking.run().await;
    assert!(asking.bench.watcher.denials[0].contains("[CLIENT_SECRET]"));
    asking.stands(&report).await;
}
