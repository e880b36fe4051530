//! Connectors that are composed with the egress: what they reach in a host that
//! would let them go anywhere.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::support::server::{Server, response};
use crate::support::{Bench, built, leaks};
use rawdash_host::component::Connector;
use rawdash_host::contract::{Effect, Secret};
use rawdash_host::failure::Exit;
use rawdash_host::report::Report;
use serde_json::{Value, json};

const STATIONS: &str = r#"[
    {"id": "s1", "name": "Harbour", "region": "north", "at": 1000, "temperatures": [4.5, 6.0]},
    {"id": "s2", "name": "Hill", "region": "south", "at": 2000, "temperatures": [1.0]}
]"#;

/// What the egress and what is around a connector may add to its size.
const LARGEST_ADDITION: usize = 200 * 1024;

/// The example connector and the one that misbehaves, composed.
struct Composed {
    weather: Connector,
    plain_weather: Connector,
    /// Behind an egress that nobody opened.
    closed_weather: Connector,
    hostile: Connector,
}

static COMPOSED: LazyLock<Composed> = LazyLock::new(|| {
    let paths = built(&["weather-connector", "hostile-component", "egress"]);
    let [weather, hostile, egress] = paths.as_slice() else { panic!("{paths:?}") };
    let load = |path: &Path| Connector::load_file(path).unwrap_or_else(|error| panic!("{error}"));
    let confined = |connector: &Path, name: &str| load(&composed(name, &[connector.as_ref()]));
    Composed {
        weather: confined(weather, "weather.wasm"),
        plain_weather: load(weather),
        closed_weather: load(&plugged("closed.wasm", weather, egress)),
        hostile: confined(hostile, "hostile.wasm"),
    }
});

/// What `confine CONNECTOR OUT` composes.
fn composed(name: &str, connector: &[&OsStr]) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("confined-{name}"));
    let arguments = [connector, &[out.as_os_str()]].concat();
    component_build::confine(&root, &arguments).unwrap_or_else(|error| panic!("{error}"));
    out
}

fn plugged(name: &str, socket: &Path, plug: &Path) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("plugged-{name}"));
    let arguments = [OsStr::new("plug"), socket.as_ref(), out.as_ref(), plug.as_ref()];
    component_build::confine(&root, &arguments).unwrap_or_else(|error| panic!("{error}"));
    out
}

fn bench(connector: Connector, configuration: Value, server: &Server) -> Bench {
    let mut bench = Bench::new(connector, configuration).route(&server.url);
    let secret = |name: &str| Secret { name: name.to_owned(), value: leaks::secret() };
    bench.settings.secrets = vec![secret("KEY"), secret("CLIENT_SECRET")];
    bench
}

async fn weather(connector: &Connector, server: &Server) -> (Report, Bench) {
    let configuration = json!({ "host": "weather.example", "key": { "$secret": "KEY" } });
    let mut bench = bench(connector.clone(), configuration, server);
    (bench.run().await, bench)
}

/// The component that misbehaves, sending one request; the request that is allowed is
/// `https://tenant.example/`.
async fn hostile(scheme: &str, authority: &str, path: &str, server: &Server) -> (Report, Bench) {
    let configuration = json!({
        "host": "tenant.example",
        "misdeed": "request",
        "scheme": scheme,
        "authority": authority,
        "path": path,
    });
    let mut bench = bench(COMPOSED.hostile.clone(), configuration, server);
    (bench.run().await, bench)
}

async fn composed_first() -> &'static Composed {
    tokio::task::spawn_blocking(|| &*COMPOSED).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confined_connector_stores_the_same_rows() {
    let composed = composed_first().await;
    let server = Server::start(|_, _| response(200, &[], STATIONS)).await;
    let (plain, plain_bench) = weather(&composed.plain_weather, &server).await;
    let (report, bench) = weather(&composed.weather, &server).await;
    assert_eq!(report.exit(), Exit::Done, "{report:?}");
    assert_eq!(report.requests, plain.requests);
    // Resources proceed at the same time: in which order their answers arrive is chance.
    let records = |bench: &Bench| {
        let mut resources = BTreeMap::<_, Vec<_>>::new();
        for batch in &bench.storage.batches {
            resources.entry(batch.resource.clone()).or_default().push(batch.records.clone());
        }
        format!("{resources:?}")
    };
    assert!(records(&bench).contains("Harbour"));
    assert_eq!(records(&bench), records(&plain_bench));
    let published = |effect: &(Effect, u64)| matches!(effect.0, Effect::Publish(_));
    assert!(bench.storage.of("weather_station").iter().any(published));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_beyond_the_configuration_does_not_even_reach_the_host() {
    composed_first().await;
    let server = Server::start(|_, _| response(200, &[], "{}")).await;
    for (scheme, authority, path) in [
        ("https", "evil.example", "/"),
        ("https", "tenant.example.evil.example", "/"),
        ("https", "tenant.example.", "/"),
        ("https", "tenant.example:8443", "/"),
        ("https", "tenant.example@evil.example", "/"),
        ("https", "evil.example:x@tenant.example", "/"),
        ("https", "127.0.0.1", "/"),
        ("https", "[::1]:443", "/"),
        ("http", "tenant.example", "/"),
        ("ftp", "tenant.example", "/"),
        ("https", "tenant.example", "//evil.example/"),
    ] {
        let (report, bench) = hostile(scheme, authority, path, &server).await;
        let message = report.failure.as_ref().map(|failure| failure.message.clone());
        let message = message.unwrap_or_else(|| panic!("{report:#?}"));
        assert!(message.contains("HttpRequestDenied"), "{authority}{path}: {message}");
        // The host would have noted a request that it denied itself.
        assert!(bench.watcher.denials.is_empty(), "{authority}: {:?}", bench.watcher.denials);
        assert_eq!((report.requests, server.connections()), (0, 0), "{authority}{path}");
    }
    for authority in ["tenant.example", "TENANT.example:443"] {
        let (report, _) = hostile("https", authority, "/", &server).await;
        assert_eq!(report.requests, 1, "{authority}: {report:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_egress_denies_what_the_host_allows_and_nothing_is_tried_again() {
    let composed = composed_first().await;
    let server = Server::start(|_, _| response(200, &[], STATIONS)).await;
    let (report, bench) = weather(&composed.closed_weather, &server).await;
    let failures = report.resources.values().filter_map(|resource| resource.failure.as_ref());
    let mut kinds: Vec<&str> =
        failures.chain(&report.failure).map(|failure| failure.kind.name()).collect();
    kinds.dedup();
    assert_eq!(kinds, ["denied"], "{report:#?}");
    assert!(bench.watcher.waits.is_empty() && bench.watcher.denials.is_empty());
    assert_eq!((report.requests, server.connections()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confined_connector_needs_nothing_more_of_its_host() {
    let composed = composed_first().await;
    let sorted = |connector: &Connector| {
        let mut imports = connector.imports().to_vec();
        imports.sort();
        imports
    };
    assert_eq!(sorted(&composed.weather), sorted(&composed.plain_weather));
    let about = composed.weather.describe().await.unwrap();
    assert_eq!(about, composed.plain_weather.describe().await.unwrap());
    let added = composed.weather.size_bytes() - composed.plain_weather.size_bytes();
    println!("the egress and what pins it add {added} bytes");
    assert!(added < LARGEST_ADDITION, "{added}");
}
