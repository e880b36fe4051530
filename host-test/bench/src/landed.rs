//! The baseline: the component as it first landed, in contract 0.1. `landed/README.md`
//! says how it was made.

mod contract;
mod conversion;
mod stopped;

use async_trait::async_trait;
use rawdash_host::contract::{ConfigureError, Failure, Request, Step};
use rawdash_host::error::HostError;
use rawdash_host::run::{Settings, StepSource};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::add_only_http_to_linker_async;
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView};

use super::measured::Measured;
use contract::{Plugin, PluginPre, connector};
use stopped::Stopped;

static COMPONENT: &[u8] = include_bytes!("../landed/component.wasm");

/// The compiled component. Its instances see a clock that stands still.
pub struct Landed(PluginPre<Sandbox>);

impl Landed {
    /// Compiles it as the host compiles a component.
    ///
    /// # Errors
    /// When the engine refuses it.
    pub fn load() -> Measured<Landed> {
        Self::load_on(config())
    }

    /// Compiles it so that its instructions are counted, which makes it slower.
    ///
    /// # Errors
    /// When the engine refuses it.
    pub fn load_counting() -> Measured<Landed> {
        let mut config = config();
        config.consume_fuel(true);
        Self::load_on(config)
    }

    fn load_on(config: Config) -> Measured<Landed> {
        let engine = Engine::new(&config)?;
        let component = Component::from_binary(&engine, COMPONENT)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        add_only_http_to_linker_async(&mut linker)?;
        Ok(Landed(PluginPre::new(linker.instantiate_pre(&component)?)?))
    }

    /// A configured instance that reads one resource, known by its name in storage,
    /// and sends its requests through `hooks`.
    ///
    /// # Errors
    /// When it crashes, or refuses the configuration.
    pub(super) async fn configure(
        &self,
        settings: &Settings,
        resource: &'static str,
        hooks: impl WasiHttpHooks + 'static,
    ) -> Measured<Instance> {
        let mut store = Store::new(self.0.engine(), Sandbox::new(hooks));
        store.set_epoch_deadline(u64::MAX / 2);
        // Fuel is only counted; an engine that does not count refuses this.
        let _ = store.set_fuel(u64::MAX);
        let plugin = self.0.instantiate_async(&mut store).await?;
        let secrets: Vec<connector::Secret> = settings
            .secrets
            .iter()
            .map(|secret| connector::Secret {
                name: secret.name.clone(),
                value: secret.value.clone(),
            })
            .collect();
        let configured = plugin
            .rawdash_connector_connector()
            .call_configure(&mut store, &settings.configuration, &secrets, None)
            .await?;
        configured.map_err(|error| format!("{error:?}"))?;
        Ok(Instance { store, plugin, resource, ended: false })
    }
}

fn config() -> Config {
    let mut config = Config::new();
    config.epoch_interruption(true);
    config
}

/// One instance, as a source of steps of today's contract.
pub(super) struct Instance {
    store: Store<Sandbox>,
    plugin: Plugin,
    resource: &'static str,
    /// Whether its only resource has ended, so that the next step is `done`.
    ended: bool,
}

impl Instance {
    /// Instructions executed, if they are counted.
    pub(super) fn fuel(&self) -> Option<u64> {
        self.store.get_fuel().ok().map(|left| u64::MAX - left)
    }
}

#[async_trait]
impl StepSource for Instance {
    async fn step(&mut self, _: &Request) -> Result<Result<Step, Failure>, HostError> {
        if self.ended {
            return Ok(Ok(Step::Done));
        }
        let mode = connector::Mode::Full;
        let request = connector::Request { mode, since: None, resources: Vec::new() };
        let connector = self.plugin.rawdash_connector_connector();
        let step = connector.call_sync(&mut self.store, &request).await.map_err(trap)?;
        self.ended = matches!(step, Ok(connector::Step::Done));
        Ok(step.map(|step| conversion::step(step, self.resource)).map_err(conversion::failure))
    }

    async fn checkpoint(&mut self) -> Result<Result<String, Failure>, HostError> {
        let connector = self.plugin.rawdash_connector_connector();
        let checkpoint = connector.call_checkpoint(&mut self.store).await.map_err(trap)?;
        Ok(checkpoint.map_err(conversion::failure))
    }

    /// A measured source does not become empty.
    async fn rewind(&mut self, _: Option<&str>) -> Result<Result<(), ConfigureError>, HostError> {
        Err(HostError::Gone)
    }
}

fn trap(error: wasmtime::Error) -> HostError {
    HostError::Trap { cause: format!("{error:#}") }
}

/// The state of one store.
struct Sandbox {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Box<dyn WasiHttpHooks>,
}

impl Sandbox {
    fn new(hooks: impl WasiHttpHooks + 'static) -> Sandbox {
        let wasi = WasiCtx::builder().wall_clock(Stopped).monotonic_clock(Stopped).build();
        let (table, http) = (ResourceTable::new(), WasiHttpCtx::new());
        Sandbox { table, wasi, http, hooks: Box::new(hooks) }
    }
}

impl WasiView for Sandbox {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Sandbox {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut *self.hooks, table: &mut self.table, ctx: &mut self.http }
    }
}
