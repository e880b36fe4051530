//! A connector, loaded once: compiled, checked, ready to be instantiated.

use std::path::Path;

use semver::Version;
use wasmtime::component::{Component, types};
use wasmtime::{Config, Engine};
use wasmtime_wasi_http::WasiHttpHooks;

use crate::clock::{SharedClock, SystemClock};
use crate::contract::{About, PluginPre};
use crate::engine;
use crate::error::HostError;
use crate::instance::Instance;
use crate::machine::MachineLimit;
use crate::metadata::Metadata;
use crate::sandbox::{self, GRANTED, Limits, Sandbox};
use crate::transport::Transport;

/// The version of `rawdash:connector` that this host supports. It runs components
/// of every compatible version, as `wit/world.wit` defines it.
pub const CONTRACT_VERSION: &str = "0.2.0";

const CONTRACT: &str = "rawdash:connector/connector";

/// A compiled connector. Its instances share only its code.
///
/// ```
/// use rawdash_host::component::Connector;
///
/// let refused = Connector::load(b"no component").map(|_| ()).unwrap_err();
/// assert!(refused.to_string().contains("not a WebAssembly component"));
/// ```
#[derive(Clone)]
pub struct Connector {
    pre: PluginPre<Sandbox>,
    contract_version: Version,
    imports: Vec<String>,
    size_bytes: usize,
    metadata: Metadata,
}

impl Connector {
    /// Compiles a component, or takes its compiled code from the cache if the
    /// feature `cache` is on.
    ///
    /// # Errors
    /// [`HostError::NoComponent`], [`HostError::OtherContract`] for one of another
    /// minor version, [`HostError::DeniedImports`], [`HostError::Machine`].
    pub fn load(bytes: &[u8]) -> Result<Connector, HostError> {
        Self::load_on(engine::config(), bytes)
    }

    /// A connector whose instances count the instructions that they execute,
    /// which makes them slower: see [`Instance::fuel`].
    ///
    /// # Errors
    /// Those of [`Connector::load`].
    pub fn load_counting(bytes: &[u8]) -> Result<Connector, HostError> {
        let mut config = engine::config();
        config.consume_fuel(true);
        Self::load_on(config, bytes)
    }

    fn load_on(config: Config, bytes: &[u8]) -> Result<Connector, HostError> {
        Self::load_with(&engine::native(config).map_err(no_component)?, bytes)
    }

    /// A connector of an engine.
    pub(crate) fn load_with(engine: &Engine, bytes: &[u8]) -> Result<Connector, HostError> {
        let component = Component::from_binary(engine, bytes).map_err(no_component)?;
        let component_type = component.component_type();
        let exports = component_type.exports(engine).map(|(name, _)| name.to_owned());
        let contract_version = check_contract(exports)?;
        let imports = imports(&component_type, engine);
        check_imports(&imports)?;
        let linker = sandbox::linker(engine).map_err(no_component)?;
        let pre =
            linker.instantiate_pre(&component).and_then(PluginPre::new).map_err(no_component)?;
        engine::tick(engine)?;
        let (size_bytes, metadata) = (bytes.len(), Metadata::read(bytes));
        Ok(Connector { pre, contract_version, imports, size_bytes, metadata })
    }

    /// Loads the component in a file or, if the feature `cache` is on, in a directory
    /// that [`compiled::compile`](crate::compiled::compile) has made.
    ///
    /// # Errors
    /// [`HostError::Unreadable`], and those of [`Connector::load`].
    pub fn load_file(path: &Path) -> Result<Connector, HostError> {
        #[cfg(feature = "cache")]
        if path.is_dir() {
            return crate::compiled::load(path);
        }
        Self::load(&read(path)?)
    }

    /// The version of the contract that the component was built against.
    pub fn contract_version(&self) -> &Version {
        &self.contract_version
    }

    /// The interfaces that the component imports, by name and version, without
    /// those that have only types, such as the contract's own.
    pub fn imports(&self) -> &[String] {
        &self.imports
    }

    /// The component's size in bytes.
    pub fn size_bytes(&self) -> usize {
        self.size_bytes
    }

    /// What the component's file says about its origin.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The component's manifest, read from an instance without a network.
    pub async fn describe(&self) -> Result<About, HostError> {
        let clock: SharedClock = std::sync::Arc::new(SystemClock::new());
        let limits = Limits::default();
        let transport = Transport::nowhere(&limits.http, clock.clone());
        self.instantiate(&limits, transport, clock).await?.describe().await
    }

    /// A new instance, isolated from all others. Its requests go to `transport`: a
    /// [`Transport`], or another implementation that enforces what the component
    /// may send.
    pub async fn instantiate(
        &self,
        limits: &Limits,
        transport: impl WasiHttpHooks + 'static,
        clock: SharedClock,
    ) -> Result<Instance, HostError> {
        let engine = self.pre.engine();
        let store = Sandbox::store(engine, limits, Box::new(transport), clock.clone());
        Instance::new(store, &self.pre, limits, clock).await
    }
}

/// The component in a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, HostError> {
    std::fs::read(path).map_err(|error| HostError::Unreadable {
        path: path.display().to_string(),
        cause: error.to_string(),
    })
}

/// The contract's version, from the names of the exports.
fn check_contract(mut exports: impl Iterator<Item = String>) -> Result<Version, HostError> {
    let found = exports.find_map(|name| {
        let version = name.strip_prefix(CONTRACT)?.strip_prefix('@')?;
        Version::parse(version).ok()
    });
    match found {
        Some(found) if speaks(&found) => Ok(found),
        found => Err(HostError::OtherContract { spoken: CONTRACT_VERSION, found }),
    }
}

/// Whether this host runs components of a contract's version.
fn speaks(version: &Version) -> bool {
    let minor = |version: &Version| (version.major, version.minor);
    Version::parse(CONTRACT_VERSION)
        .is_ok_and(|spoken| version.pre.is_empty() && minor(version) == minor(&spoken))
}

fn imports(component: &types::Component, engine: &Engine) -> Vec<String> {
    let acts = |item: &types::ComponentItem| match item {
        types::ComponentItem::ComponentInstance(interface) => interface
            .exports(engine)
            .any(|(_, item)| matches!(item.ty, types::ComponentItem::ComponentFunc(_))),
        _ => true,
    };
    let acting = component.imports(engine).filter(|(_, item)| acts(&item.ty));
    acting.map(|(name, _)| name.to_owned()).collect()
}

fn check_imports(imports: &[String]) -> Result<(), HostError> {
    let granted = |name: &str| {
        let interface = name.split_once('@').map_or(name, |(interface, _)| interface);
        GRANTED.contains(&interface)
    };
    let denied: Vec<String> = imports.iter().filter(|name| !granted(name)).cloned().collect();
    if denied.is_empty() {
        return Ok(());
    }
    Err(HostError::DeniedImports { imports: denied })
}

pub(crate) fn no_component(error: wasmtime::Error) -> HostError {
    match MachineLimit::behind(&error) {
        Some(limit) => HostError::Machine(limit),
        None => HostError::NoComponent { cause: format!("{error:#}") },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version_of(name: &str) -> Result<String, String> {
        let found = check_contract([name.to_owned()].into_iter());
        found.map(|version| version.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_component_of_another_contract_is_refused_with_both_versions_and_what_to_do() {
        for (version, what_to_do) in
            [("0.3.0", "newer host"), ("1.0.0", "newer host"), ("0.1.0", "newer component")]
        {
            let error = version_of(&format!("rawdash:connector/connector@{version}")).unwrap_err();
            for said in [version, "0.2.0", what_to_do] {
                assert!(error.contains(said), "{error}");
            }
        }
        assert!(version_of("rawdash:connector/connector@0.2.0-rc.1").is_err());
        let error = version_of("wasi:http/incoming-handler@0.2.12").unwrap_err();
        assert!(error.contains("not a connector"), "{error}");
    }

    #[test]
    fn a_component_of_another_patch_of_the_contract_is_not_refused() {
        for version in ["0.2.0", "0.2.7"] {
            assert_eq!(
                version_of(&format!("rawdash:connector/connector@{version}")).unwrap(),
                version
            );
        }
    }

    #[test]
    fn the_contract_in_wit_is_the_one_that_the_host_supports() {
        let package = format!("package rawdash:connector@{CONTRACT_VERSION};");
        for text in [
            include_str!("../../../wit/check.wit"),
            include_str!("../../../wit/connector.wit"),
            include_str!("../../../wit/manifest.wit"),
            include_str!("../../../wit/secrets.wit"),
            include_str!("../../../wit/shapes.wit"),
            include_str!("../../../wit/world.wit"),
        ] {
            assert!(text.starts_with(&package), "{text}");
        }
    }

    #[test]
    fn an_import_that_is_not_granted_is_refused_by_name() {
        let imports = ["wasi:io/poll@0.2.12", "wasi:filesystem/types@0.2.12"].map(str::to_owned);
        let expected = HostError::DeniedImports { imports: vec![imports[1].clone()] };
        assert_eq!(check_imports(&imports), Err(expected));
    }
}
