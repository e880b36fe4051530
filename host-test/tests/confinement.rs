//! Connectors that are composed with the egress: what they reach in a host that
//! would let them go anywhere.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};

use http_body_util::{BodyExt, Full};
use wasmtime_wasi_http::{ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpHooks};

use crate::support::server::{Server, response};
use crate::support::{Bench, built, leaks};
use rawdash_host::clock::SystemClock;
use rawdash_host::component::Connector;
use rawdash_host::contract::{ConfigureError, Effect, Request, Secret, Step};
use rawdash_host::failure::Exit;
use rawdash_host::report::Report;
use rawdash_host::sandbox::Limits;
use rawdash_host::transport::{Completion, Exchange};
use serde_json::json;
use tempfile::TempDir;

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
    let directory = TempDir::new().unwrap();
    let paths = built(&["weather-connector", "hostile-component", "egress"]);
    let [weather, hostile, egress] = paths.as_slice() else { panic!("{paths:?}") };
    let load = |path: &Path| Connector::load_file(path).unwrap_or_else(|error| panic!("{error}"));
    Composed {
        weather: load(&confined(&directory, "weather.wasm", weather)),
        plain_weather: load(weather),
        closed_weather: load(&plugged(&directory, "closed.wasm", weather, egress)),
        hostile: load(&confined(&directory, "hostile.wasm", hostile)),
    }
});

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What `confine CONNECTOR OUT` composes.
fn confined(directory: &TempDir, name: &str, connector: &Path) -> PathBuf {
    let out = directory.path().join(name);
    let arguments = [connector.as_ref(), out.as_ref()];
    component_build::confine(&root(), &arguments).unwrap_or_else(|error| panic!("{error}"));
    out
}

/// What `confine plug SOCKET OUT PLUG` composes.
fn plugged(directory: &TempDir, name: &str, socket: &Path, plug: &Path) -> PathBuf {
    let out = directory.path().join(name);
    let arguments = [OsStr::new("plug"), socket.as_ref(), out.as_ref(), plug.as_ref()];
    component_build::confine(&root(), &arguments).unwrap_or_else(|error| panic!("{error}"));
    out
}

async fn weather(connector: &Connector, server: &Server) -> (Report, Bench) {
    let configuration = json!({ "host": "weather.example", "key": { "$secret": "KEY" } });
    let mut bench = Bench::new(connector.clone(), configuration).route(&server.url);
    bench.settings.secrets = vec![Secret { name: "KEY".to_owned(), value: leaks::secret() }];
    (bench.run().await, bench)
}

/// A host that sends a component's requests wherever they are for: here, to a list.
#[derive(Clone, Default)]
struct OpenHost {
    arrived: Arc<Mutex<Vec<String>>>,
}

impl WasiHttpHooks for OpenHost {
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(|_| false)
    }

    fn is_supported_scheme(&mut self, _: &http::uri::Scheme) -> bool {
        true
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Completion,
    ) -> Box<dyn Future<Output = Exchange> + Send> {
        self.arrived.lock().unwrap().push(format!("{} {}", request.method(), request.uri()));
        let body = Full::default().map_err(|never| match never {}).boxed_unsync();
        let done: Completion = Box::new(async { Ok(()) });
        Box::new(async { Ok((http::Response::new(body), done)) })
    }
}

/// What the component that misbehaves led to in an open host.
struct Misdeed {
    refusal: Option<ConfigureError>,
    message: String,
    arrived: Vec<String>,
}

/// The component that misbehaves, configured for `tenant.example` and sending one request,
/// which is `POST https://tenant.example/` but for the other settings.
async fn hostile(settings: &[(&str, &str)]) -> Misdeed {
    let honest = json!({ "host": "tenant.example", "misdeed": "request" });
    let mut configuration = honest.clone();
    let usual = [("scheme", "https"), ("authority", "tenant.example"), ("path", "/")];
    for (name, value) in usual.iter().chain(settings) {
        configuration[name] = json!(value);
    }
    let host = OpenHost::default();
    let clock = Arc::new(SystemClock::new());
    let limits = Limits::default();
    let instance = COMPOSED.hostile.instantiate(&limits, host.clone(), clock);
    let mut instance = instance.await.unwrap();
    let secrets = [Secret { name: "CLIENT_SECRET".to_owned(), value: leaks::secret() }];
    // Neither an earlier configuration nor a refusal may leave anything open.
    let mut refusal = None;
    for configuration in [&honest, &configuration, &configuration] {
        let configured = instance.configure(&configuration.to_string(), &secrets, None).await;
        refusal = configured.unwrap().err();
    }
    // To a component that misbehaves, a refusal is no reason not to send.
    let request = Request { wants: Vec::new(), patience: None };
    let message = loop {
        match instance.sync(&request).await.unwrap() {
            Ok(Step::Began(_)) => {}
            Ok(other) => panic!("{other:?}"),
            Err(failure) => break failure.message,
        }
    };
    let arrived = host.arrived.lock().unwrap().clone();
    Misdeed { refusal, message, arrived }
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
    for settings in [
        &[("authority", "evil.example")][..],
        &[("authority", "tenant.example.evil.example")],
        &[("authority", "tenant.example.")],
        &[("authority", "tenant.example:8443")],
        &[("authority", "tenant.example@evil.example")],
        &[("authority", "evil.example:x@tenant.example")],
        &[("authority", "127.0.0.1")],
        &[("authority", "[::1]:443")],
        &[("scheme", "http")],
        &[("scheme", "ftp")],
        &[("path", "//evil.example/")],
        &[("host-header", "evil.example")],
        &[("host-header", "tenant.example:8443")],
        &[("host-header", "tenant.example, evil.example")],
        &[("authority", "evil.example"), ("host-header", "tenant.example")],
        &[("method", "CONNECT")],
        &[("method", "connect")],
    ] {
        let Misdeed { refusal, message, arrived } = hostile(settings).await;
        assert!(refusal.is_none(), "{settings:?}: {refusal:?}");
        assert!(message.contains("HttpRequestDenied"), "{settings:?}: {message}");
        assert_eq!(arrived, [""; 0], "{settings:?}");
    }
    for settings in [
        &[][..],
        &[("authority", "TENANT.example:443")],
        &[("host-header", "tenant.example")],
        &[("host-header", "Tenant.example:443")],
    ] {
        let Misdeed { arrived, message, .. } = hostile(settings).await;
        assert_eq!(arrived, ["POST https://tenant.example/"], "{settings:?}: {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_opens_no_origin_by_declaring_it_once_it_is_configured() {
    composed_first().await;
    let later = ("declared-later", "https://evil.example");
    for authority in ["evil.example", "tenant.example"] {
        let Misdeed { refusal, message, arrived } =
            hostile(&[later, ("authority", authority)]).await;
        let refusal = format!("{refusal:?}");
        assert!(refusal.contains("https://evil.example"), "{refusal}");
        assert!(message.contains("HttpRequestDenied"), "{authority}: {message}");
        assert_eq!(arrived, [""; 0], "{authority}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_that_could_open_the_egress_itself_is_not_composed() {
    let refusal = tokio::task::spawn_blocking(|| {
        let directory = TempDir::new().unwrap();
        let paths = built(&["egress-pin", "hostile-component"]);
        let [pin, hostile] = paths.as_slice() else { panic!("{paths:?}") };
        let opener = plugged(&directory, "opener.wasm", pin, hostile);
        let out = opener.with_file_name("confined-opener.wasm");
        component_build::confine(&root(), &[opener.as_ref(), out.as_ref()]).unwrap_err()
    });
    let refusal = refusal.await.unwrap();
    assert!(refusal.starts_with("it imports rawdash:egress/origins@"), "{refusal}");
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
