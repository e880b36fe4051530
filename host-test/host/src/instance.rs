//! A running component: the calls of the contract, each within its limits.

use wasmtime::component::ResourceTableError;
use wasmtime::{Store, Trap};

use crate::clock::{SharedClock, within};
use crate::contract::{
    About, ConfigureError, Configured, Failure, Plugin, PluginPre, Request, Secret, Step,
};
use crate::error::{HostError, Limit};
use crate::machine::MachineLimit;
use crate::sandbox::{Limits, MemoryGauge, Sandbox};

/// One instance. Dropping it cancels its run and its requests in flight.
pub struct Instance {
    /// `None` once a call did not return.
    alive: Option<(Store<Sandbox>, Plugin)>,
    /// The configuration that was accepted last, and its secrets.
    accepted: Option<(String, Vec<Secret>)>,
    limits: Limits,
    clock: SharedClock,
}

/// Calls one export within the limits of a call; `$call` is its future.
macro_rules! call {
    ($self:ident, |$store:ident, $plugin:ident| $call:expr) => {{
        // Taken out, so that a call that fails or is dropped leaves no instance.
        let (mut store, plugin) = $self.alive.take().ok_or(HostError::Gone)?;
        begin(&mut store);
        let deadline = $self.clock.monotonic().saturating_add($self.limits.call);
        let returned = {
            let $store = &mut store;
            let $plugin = &plugin;
            within(&*$self.clock, deadline, $call).await
        };
        match returned {
            Some(Ok(value)) => {
                $self.alive = Some((store, plugin));
                Ok(value)
            }
            Some(Err(error)) => Err(explain(&error, &store, &$self.limits)),
            None => Err(HostError::Limit(Limit::Call($self.limits.call))),
        }
    }};
}

impl Instance {
    pub(crate) async fn new(
        mut store: Store<Sandbox>,
        pre: &PluginPre<Sandbox>,
        limits: &Limits,
        clock: SharedClock,
    ) -> Result<Instance, HostError> {
        begin(&mut store);
        match pre.instantiate_async(&mut store).await {
            Ok(plugin) => {
                let (alive, limits) = (Some((store, plugin)), limits.clone());
                Ok(Instance { alive, accepted: None, limits, clock })
            }
            Err(error) => Err(explain(&error, &store, limits)),
        }
    }

    /// Bytes of linear memory that it holds; 0 after a crash.
    pub fn memory(&self) -> usize {
        self.alive.as_ref().map_or(0, |(store, _)| store.data().meter.memory.bytes())
    }

    /// Shows what [`memory`](Self::memory) returns while calls are under way.
    pub fn memory_gauge(&self) -> MemoryGauge {
        self.alive.as_ref().map(|(store, _)| store.data().meter.memory.clone()).unwrap_or_default()
    }

    /// WebAssembly instructions that it has executed; `None` if they are not
    /// counted, and after a crash.
    pub fn fuel(&self) -> Option<u64> {
        let (store, _) = self.alive.as_ref()?;
        store.get_fuel().ok().map(|left| u64::MAX - left)
    }

    /// The manifest.
    pub async fn describe(&mut self) -> Result<About, HostError> {
        call!(self, |store, plugin| plugin.rawdash_connector_manifest().call_describe(store))
    }

    /// Sets the configuration, the secrets that it names, and the checkpoint stored
    /// last.
    pub async fn configure(
        &mut self,
        configuration: &str,
        secrets: &[Secret],
        checkpoint: Option<&str>,
    ) -> Result<Result<Configured, ConfigureError>, HostError> {
        let configured: Result<_, HostError> = call!(self, |store, plugin| plugin
            .rawdash_connector_connector()
            .call_configure(store, configuration, secrets, checkpoint,));
        if let Ok(Ok(_)) = &configured {
            self.accepted = Some((configuration.to_owned(), secrets.to_vec()));
        }
        configured
    }

    /// Sets the checkpoint under the configuration that was accepted last.
    pub(crate) async fn configure_again(
        &mut self,
        checkpoint: Option<&str>,
    ) -> Result<Result<(), ConfigureError>, HostError> {
        let (configuration, secrets) = self.accepted.clone().unwrap_or_default();
        let configured = self.configure(&configuration, &secrets, checkpoint).await?;
        Ok(configured.map(|_| ()))
    }

    /// One step of a sync.
    pub async fn sync(&mut self, request: &Request) -> Result<Result<Step, Failure>, HostError> {
        call!(self, |store, plugin| plugin.rawdash_connector_connector().call_sync(store, request))
    }

    /// The checkpoint after the steps returned so far.
    pub async fn checkpoint(&mut self) -> Result<Result<String, Failure>, HostError> {
        call!(self, |store, plugin| plugin.rawdash_connector_connector().call_checkpoint(store))
    }

    /// Whether the credentials suffice, resource by resource.
    pub async fn check(&mut self) -> Result<Vec<(String, Result<(), Failure>)>, HostError> {
        call!(self, |store, plugin| plugin.rawdash_connector_check().call_check(store))
    }
}

fn begin(store: &mut Store<Sandbox>) {
    store.data_mut().meter.begin_call();
    store.set_epoch_deadline(1);
}

/// Why a call failed: which limit the component reached, or how it crashed.
fn explain(error: &wasmtime::Error, store: &Store<Sandbox>, limits: &Limits) -> HostError {
    if let Some(limit) = store.data().meter.met {
        return HostError::Limit(limit);
    }
    if error.downcast_ref::<Trap>() == Some(&Trap::StackOverflow) {
        return HostError::Limit(Limit::Stack);
    }
    if matches!(error.downcast_ref(), Some(ResourceTableError::Full)) {
        return HostError::Limit(Limit::Handles(limits.handles));
    }
    // The engine has no type for this error. A test returns too much, so it
    // notices if the wording changes.
    if format!("{error:#}").contains("fuel allocated for hostcalls") {
        return HostError::Limit(Limit::Output(limits.output));
    }
    if let Some(limit) = MachineLimit::behind(error) {
        return HostError::Machine(limit);
    }
    HostError::Trap { cause: error.root_cause().to_string() }
}
