//! The host through the example connector, over real HTTP on loopback.

use std::io::Write;
use std::time::Duration;

use crate::support::server::{Nobody, Server, response};
use crate::support::{Bench, PATIENCE, leaks, pass_time, weather};
use rawdash_host::clock::DrivenClock;
use rawdash_host::contract::{Effect, Mode, Secret, Step};
use rawdash_host::failure::{Exit, FailureReport};
use rawdash_host::origins::{Egress, OriginPolicy};
use rawdash_host::report::{Report, ResourceState, RunMode};
use rawdash_host::sandbox::Limits;
use rawdash_host::storage::StorageError;
use rawdash_host::transport::{Network, Transport};
use serde_json::json;
use tokio::time::timeout;

const STATION: &str = "weather_station";
const STATIONS: &str = r#"[
    {"id": "s1", "name": "Harbour", "region": "north", "at": 1000, "temperatures": [4.5, 6.0]},
    {"id": "s2", "name": "Hill", "region": "south", "at": 2000, "temperatures": [1.0]}
]"#;

fn unrouted() -> Bench {
    let configuration = json!({ "host": "weather.example", "key": { "$secret": "KEY" } });
    let mut bench = Bench::new(weather(), configuration);
    bench.settings.secrets = vec![Secret { name: "KEY".to_owned(), value: leaks::secret() }];
    bench
}

/// Reads everything.
fn whole(server: &Server) -> Bench {
    unrouted().route(&server.url)
}

/// Reads the stations alone, which takes one request.
fn bench(server: &Server) -> Bench {
    alone(whole(server))
}

fn alone(mut bench: Bench) -> Bench {
    bench.options.request.resources = vec![STATION.to_owned()];
    bench
}

/// Why the stations could not be read.
fn station_failure(report: &Report) -> &FailureReport {
    report.resources[STATION].failure.as_ref().unwrap_or_else(|| panic!("{report:#?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_record_is_stored_together_with_the_checkpoint_after_it() {
    let server = Server::start(|_, _| response(200, &[], STATIONS)).await;
    let mut bench = whole(&server);
    let report = bench.run().await;
    assert_eq!(report.exit(), Exit::Done, "{report:?}");
    for resource in [STATION, "weather_station_region"] {
        let stored = bench.storage.of(resource);
        let [(Effect::Publish(_), 2)] = &stored[..] else { panic!("{resource}: {stored:?}") };
    }
    let measured = bench.storage.of("weather_temperature");
    let [(Effect::ReplaceWindow(_), 2)] = &measured[..] else { panic!("{measured:?}") };
    assert!(bench.storage.checkpoint.is_some());
    assert_eq!(bench.storage.completed, [Mode::Full]);
    assert_eq!(report.mode, Some(RunMode::Full));
    assert_eq!(report.requests, 3);
    let stations = &report.resources[STATION];
    assert_eq!((stations.pages, stations.records), (1, 2));
}

#[test]
fn a_connector_imports_http_and_clocks_and_nothing_else() {
    let connector = weather();
    let interface = |name: &String| name.split('@').next().unwrap().to_owned();
    let mut imports: Vec<String> = connector.imports().iter().map(interface).collect();
    imports.sort();
    let expected = [
        "wasi:clocks/monotonic-clock",
        "wasi:clocks/wall-clock",
        "wasi:http/outgoing-handler",
        "wasi:http/types",
        "wasi:io/error",
        "wasi:io/poll",
        "wasi:io/streams",
    ];
    assert_eq!(imports, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tenant_sees_its_own_name_also_where_it_is_routed() {
    let server = Server::start(|_, _| response(200, &[], STATIONS)).await;
    bench(&server).run().await;
    let (path, headers) = server.requests().remove(0);
    assert_eq!(path, "/stations");
    assert_eq!(headers["host"], "weather.example");
    assert_eq!(headers["authorization"], format!("Bearer {}", leaks::secret()));
    assert_eq!(headers["accept-encoding"], "gzip");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_is_waited_on_the_given_clock_and_the_run_goes_on() {
    let server = Server::start(|number, _| match number {
        0 => response(429, &[("retry-after", "60")], ""),
        _ => response(200, &[], STATIONS),
    })
    .await;
    let mut bench = bench(&server);
    let report = bench.run().await;
    assert_eq!(report.exit(), Exit::Done, "{report:?}");
    assert_eq!(bench.watcher.waits, [Duration::from_secs(60)]);
    assert_eq!((report.requests, report.wall_ms), (2, 60_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_is_too_long_ends_the_command_with_the_time_to_come_back() {
    let server = Server::start(|_, _| response(429, &[("retry-after", "60")], "")).await;
    let mut bench = bench(&server);
    bench.options.max_wait = Duration::from_secs(59);
    let report = bench.run().await;
    assert_eq!(report.exit().code(), 75);
    let failure = report.failure.unwrap();
    assert_eq!(failure.retry_after_ms, Some(60_000));
    assert!(failure.message.contains("2026-03-01T12:01:00Z"), "{}", failure.message);
    assert!(bench.storage.checkpoint.is_some() && bench.storage.completed.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_asks_to_wait_for_ever_ends_the_command() {
    let server = Server::start(|_, _| response(429, &[("retry-after", "60")], "")).await;
    let mut bench = bench(&server);
    let report = bench.run().await;
    assert_eq!(report.exit().code(), 75);
    assert_eq!((bench.watcher.waits.len(), report.requests), (4, 5));
    let failure = station_failure(&report);
    assert_eq!((failure.kind.name(), failure.retry_after_ms), ("rate-limited", Some(60_000)));
}

// On one thread: a client with more of them may send the next request before
// the connection of the last one is back in its pool.
#[tokio::test]
async fn requests_of_one_instance_share_a_connection() {
    let server = Server::start(|number, _| match number {
        0..3 => response(429, &[("retry-after", "60")], ""),
        _ => response(200, &[], STATIONS),
    })
    .await;
    let report = bench(&server).run().await;
    assert_eq!(report.requests, 4);
    assert_eq!(server.connections(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_goes_on_while_the_step_before_it_is_stored() {
    let (arrived, arrival) = std::sync::mpsc::channel();
    let server = Server::start(move |_, _| {
        arrived.send(()).unwrap();
        response(200, &[], STATIONS)
    })
    .await;
    let mut bench = bench(&server);
    // Storing the first step takes until the server has seen the request that
    // the step began: a host that held it back would store for ever.
    bench.storage.meanwhile = Some(Box::new(move || arrival.recv().unwrap()));
    assert_eq!(bench.run().await.exit(), Exit::Done);
}

/// Whether the component waits for its deadline, 20 seconds after it asked.
/// Time that passed before would give it more of it than the host's own
/// deadlines allow.
fn awaits_deadline(clock: &DrivenClock) -> bool {
    clock.next_wait() == Some(Duration::from_secs(20))
}

/// What the connector says of its first attempt, where nothing but time ends it:
/// time passes once `waits` holds, given the bytes of bodies received.
async fn first_attempt(bench: &Bench, waits: impl Fn(u64) -> bool) -> String {
    let configuration = &bench.settings.configuration;
    let value: serde_json::Value = serde_json::from_str(configuration).unwrap();
    let origins = bench.about().await.origins;
    let policy = OriginPolicy::new(&origins, &value).unwrap();
    let egress = Egress::new(&policy, &policy.origins(), &bench.settings.routes).unwrap();
    let limits = Limits::default();
    let transport =
        Transport::new(egress, &Network::default(), &limits.http, bench.clock()).unwrap();
    let (traffic, clock) = (transport.traffic(), bench.driven.clone());
    let mut instance =
        bench.connector.instantiate(&limits, transport, bench.clock()).await.unwrap();
    instance.configure(configuration, &bench.settings.secrets, None).await.unwrap().unwrap();
    let request = bench.options.request.request(&[]);
    let began = instance.sync(&request).await.unwrap().unwrap();
    assert!(matches!(began, Step::Began(_)), "{began:?}");
    let pause = tokio::select! {
        step = instance.sync(&request) => match step.unwrap().unwrap() {
            Step::Wait(pause) => pause,
            step => panic!("{step:?}"),
        },
        () = pass_time(&clock, || waits(traffic.received()) && awaits_deadline(&clock)) => {
            unreachable!()
        }
    };
    pause.cause.unwrap().message
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_comes_ends_at_the_connectors_deadline() {
    let server = Server::raw(b"", false).await;
    let told = first_attempt(&bench(&server), |_| server.connections() > 0).await;
    assert!(told.contains("no complete answer arrived within 20 s"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_stops_in_the_middle_ends_at_the_connectors_deadline() {
    let beginning = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n[";
    let server = Server::raw(beginning, false).await;
    // The connector has read what came; from here on nothing comes.
    let told = first_attempt(&bench(&server), |received| received == 1).await;
    // The host, which waits as long for the next byte, may be the first to end it.
    let ends = ["no complete answer arrived within 20 s", "the response broke off"];
    assert!(ends.iter().any(|end| told.contains(end)), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_exchange_is_an_error_and_never_a_short_page() {
    for (bytes, told) in [
        (&b""[..], "the connection broke"),
        (b"HTTP/1.1 200 OK\r\ncontent-le", "the connection broke"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n[]", "the response broke off"),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n[]\r\n",
            "the response broke off",
        ),
        (b"not HTTP at all\r\n\r\n", "the connection broke"),
        (b"HTTP/1.1 200 OK\r\ncontent-encoding: br\r\n\r\n[]", "the connection broke"),
    ] {
        let server = Server::raw(bytes, true).await;
        let mut bench = bench(&server);
        let report = bench.run().await;
        let failure = station_failure(&report);
        assert!(failure.message.contains(told), "{}", failure.message);
        assert!(bench.storage.batches.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_handed_to_the_connector_and_not_followed() {
    let moved = |_, _: &_| response(302, &[("location", "https://evil.example/stations")], "");
    let server = Server::start(moved).await;
    let report = bench(&server).run().await;
    assert_eq!(report.failure.unwrap().status, Some(302));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn gzip_is_inflated_whether_the_connector_knows_of_it_or_not() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(STATIONS.as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    let server =
        Server::start(move |_, _| response(200, &[("content-encoding", "gzip")], packed.clone()))
            .await;
    let mut bench = bench(&server);
    let report = bench.run().await;
    assert_eq!(report.exit(), Exit::Done, "{report:?}");
    assert_eq!(bench.storage.of(STATION).len(), 1);
    assert_eq!(report.resources[STATION].records, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_beyond_the_limit_is_an_error_and_not_memory() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![b' '; 32 << 20]).unwrap();
    let bomb = encoder.finish().unwrap();
    let server =
        Server::start(move |_, _| response(200, &[("content-encoding", "gzip")], bomb.clone()))
            .await;
    let report = bench(&server).run().await;
    let failure = station_failure(&report);
    assert!(failure.message.contains("an answer was too large"), "{}", failure.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_beyond_the_limit_are_an_error_and_not_memory() {
    let server =
        Server::start(|_, _| response(200, &[("x-long", &"x".repeat(1 << 20))], STATIONS)).await;
    let report = bench(&server).run().await;
    let failure = station_failure(&report);
    assert!(failure.message.contains("the connection broke"), "{}", failure.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_connection_is_a_failure_of_the_source_and_names_it() {
    let nobody = Nobody::new();
    let report = alone(unrouted().route(&nobody.url)).run().await;
    assert_eq!(report.exit(), Exit::Later);
    let failure = station_failure(&report);
    assert!(failure.message.contains("the connection was refused"), "{}", failure.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_that_storage_refuses_postpones_its_resource_and_no_other() {
    let server = Server::start(|_, _| response(200, &[], STATIONS)).await;
    let mut bench = whole(&server);
    let resource = STATION.to_owned();
    bench.storage.refuse = Some(StorageError::EmptyReplacement { resource, stored: 7 });
    let report = bench.run().await;
    assert_eq!(report.exit(), Exit::Later, "{report:?}");
    for (name, resource) in &report.resources {
        let state =
            if name == STATION { ResourceState::Postponed } else { ResourceState::Complete };
        assert_eq!(resource.state, state, "{name}");
        assert_eq!(resource.failure.is_some(), name == STATION, "{name}");
    }
    assert!(station_failure(&report).message.contains("7 are stored"));
    assert!(report.failure.as_ref().is_some_and(|failure| failure.kind == "wait") && !report.done);
    assert!(bench.storage.of(STATION).is_empty() && bench.storage.completed.is_empty());
    // The next sync carries on with it.
    let report = bench.run().await;
    assert_eq!(report.exit(), Exit::Done, "{report:?}");
    assert!(report.resources[STATION].resumed && !bench.storage.of(STATION).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_fails_ends_the_command_as_the_database() {
    let server = Server::start(|_, _| response(200, &[], STATIONS)).await;
    let mut bench = bench(&server);
    bench.storage.refuse = Some(StorageError::Unavailable { message: "full".to_owned() });
    assert_eq!(bench.run().await.exit().code(), 74);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_faulty_configuration_is_reported_and_nothing_is_sent() {
    let server = Server::start(|_, _| response(200, &[], STATIONS)).await;
    let mut bench = bench(&server);
    bench.settings.configuration = json!({ "hots": "weather.example" }).to_string();
    let report = bench.run().await;
    assert_eq!(report.exit().code(), 78);
    assert!(report.failure.unwrap().message.contains("hots"));
    assert!(server.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_dropped_in_the_middle_leaves_the_last_checkpoint_and_no_more() {
    // It never answers: the run cannot end before it is dropped.
    let silent = Server::raw(b"", false).await;
    let mut bench = bench(&silent);
    let mut commits = bench.storage.commits.subscribe();
    let under_way = async {
        commits.wait_for(|count| *count > 0).await.unwrap();
        silent.connected().await;
    };
    tokio::select! {
        report = bench.run() => panic!("{report:?}"),
        // Its first checkpoint is stored and the source has been asked.
        under_way = timeout(PATIENCE, under_way) => under_way.unwrap(),
    }
    assert!(bench.storage.batches.is_empty());
    let server = Server::start(|_, _| response(200, &[], STATIONS)).await;
    let mut again = bench.route(&server.url);
    let report = again.run().await;
    assert!(report.exit() == Exit::Done && report.resumed, "{report:?}");
    assert!(!again.storage.of(STATION).is_empty());
}
