//! A component whose source replaces its secret, in a host that stores secrets.
//! The hosts of this repository do not, so the test has one of its own.

use std::sync::{Arc, Mutex};

use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Store, StoreContextMut};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::add_only_http_to_linker_async;
use wasmtime_wasi_http::{
    RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

use crate::support::built;
use rawdash_host::component::Connector;
use rawdash_host::contract::{self, Failure, Plugin, Step};
use rawdash_host::transport::{Completion, Exchange};

/// Each request: its path, and the refresh token that it sent.
type Requests = Arc<Mutex<Vec<String>>>;

/// A source whose refresh tokens are `token1`, `token2` and so on.
struct Source {
    requests: Requests,
}

impl WasiHttpHooks for Source {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Completion,
    ) -> Box<dyn Future<Output = Exchange> + Send> {
        let requests = self.requests.clone();
        Box::new(async move {
            let path = request.uri().path().to_owned();
            let sent = request.into_body().collect().await?.to_bytes();
            let sent = String::from_utf8_lossy(&sent).into_owned();
            let body = match sent.split_once("refresh_token=") {
                Some((_, token)) => {
                    let mut requests = requests.lock().unwrap();
                    let tokens =
                        requests.iter().filter(|known| known.starts_with("/token")).count();
                    requests.push(format!("{path} {token}"));
                    format!(r#"{{"access_token":"a","refresh_token":"token{}"}}"#, tokens + 1)
                }
                None => {
                    requests.lock().unwrap().push(path);
                    r#"["a","b"]"#.to_owned()
                }
            };
            let body = Full::from(body).map_err(|never| match never {}).boxed_unsync();
            let done: Completion = Box::new(async { Ok(()) });
            Ok((Response::new(body), done))
        })
    }
}

/// Where the host stores secrets.
#[derive(Default)]
struct Vault {
    is_full: bool,
    offered: Vec<String>,
}

impl Vault {
    fn replace(&mut self, name: &str, value: String) -> Result<(), String> {
        assert_eq!(name, "REFRESH");
        self.offered.push(value);
        if self.is_full { Err("make room in the vault.".to_owned()) } else { Ok(()) }
    }
}

struct State {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    source: Source,
    vault: Vault,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.source, table: &mut self.table, ctx: &mut self.http }
    }
}

/// The component, configured, in a host that stores secrets.
struct Host {
    store: Store<State>,
    plugin: Plugin,
    requests: Requests,
}

impl Host {
    async fn configured(component: &[u8]) -> Host {
        let engine = Engine::default();
        let component = Component::from_binary(&engine, component).unwrap();
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
        add_only_http_to_linker_async(&mut linker).unwrap();
        let replace = |mut store: StoreContextMut<'_, State>, (name, value): (String, String)| {
            Ok((store.data_mut().vault.replace(&name, value),))
        };
        let mut interface = linker.instance("rawdash:connector/secrets@0.2.0").unwrap();
        interface.func_wrap("replace", replace).unwrap();
        let requests = Requests::default();
        let state = State {
            table: ResourceTable::new(),
            wasi: WasiCtx::builder().build(),
            http: WasiHttpCtx::new(),
            source: Source { requests: requests.clone() },
            vault: Vault::default(),
        };
        let mut store = Store::new(&engine, state);
        let plugin = Plugin::instantiate_async(&mut store, &component, &linker).await.unwrap();
        let configuration = r#"{"refreshToken": {"$secret": "REFRESH"}}"#;
        let secrets = [contract::Secret { name: "REFRESH".to_owned(), value: "token0".to_owned() }];
        let connector = plugin.rawdash_connector_connector();
        let configured = connector.call_configure(&mut store, configuration, &secrets, None);
        configured.await.unwrap().unwrap();
        Host { store, plugin, requests }
    }

    fn vault(&mut self) -> &mut Vault {
        &mut self.store.data_mut().vault
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// Syncs to the end; returns how many records arrived.
    async fn sync(&mut self) -> Result<u64, Failure> {
        let request = contract::Request { wants: Vec::new(), patience: None };
        let mut records = 0;
        loop {
            let connector = self.plugin.rawdash_connector_connector();
            match connector.call_sync(&mut self.store, &request).await.unwrap()? {
                Step::Batches(batches) => {
                    let counts = batches.iter().map(|batch| contract::record_count(&batch.records));
                    records += counts.sum::<u64>();
                }
                Step::Done => return Ok(records),
                _ => {}
            }
        }
    }

    async fn check(&mut self) -> Vec<(String, Result<(), Failure>)> {
        let check = self.plugin.rawdash_connector_check();
        check.call_check(&mut self.store).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_secret_that_a_host_could_not_store_is_not_lost() {
    let path = built(&["rotating-connector"]).remove(0);
    let component = std::fs::read(path).unwrap();
    let mut host = Host::configured(&component).await;
    host.vault().is_full = true;
    for call in 1..=2 {
        let failure = host.sync().await.unwrap_err();
        assert!(failure.message.contains("`REFRESH`"), "{}", failure.message);
        assert!(failure.message.ends_with("make room in the vault."), "{}", failure.message);
        assert_eq!(host.vault().offered, vec!["token1"; call]);
    }
    let outcomes = host.check().await;
    assert!(matches!(&outcomes[..], [(name, Err(_))] if name == "thing"), "{outcomes:?}");
    assert_eq!(host.requests(), ["/token token0"], "no request before it is stored");

    host.vault().is_full = false;
    assert_eq!(host.sync().await.unwrap(), 2);
    assert_eq!(host.requests(), ["/token token0", "/things"]);
    assert_eq!(host.vault().offered, ["token1"; 4]);

    let outcomes = host.check().await;
    assert!(matches!(&outcomes[..], [(_, Ok(()))]), "{outcomes:?}");
    assert_eq!(host.requests()[2..], ["/token token1", "/things"]);
    assert_eq!(host.vault().offered.last().map(String::as_str), Some("token2"));

    let refused = Connector::load(&component).map(|_| ()).unwrap_err().to_string();
    assert!(refused.contains("rawdash:connector/secrets"), "{refused}");
}
